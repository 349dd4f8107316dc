import Linearizability
import Testing

/// Two machines, and the cable between one of them and the server of both.
@Suite(
  "One of two daemons is cut off from the Redis server that they share, and comes back",
  .enabled(if: RedisServer.isPossible, "\(RedisServer.isWanted)"))
struct SharedStoreCutTests {
  private static let cuts = Programs.runsLongTests ? 6 : 1
  /// Longer than it takes to notice that nothing comes: a second between two looks, and the time for an answer.
  private static let cutMilliseconds: UInt32 = Programs.runsLongTests ? 5000 : 2500
  private static let secondsBetween = 1.0

  @Test("IF and INCR are linearizable on both sides, and once it is back it serves nothing that is past")
  func cuts() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    let seconds = Double(Self.cuts) * (Double(Self.cutMilliseconds) / 1000 + 2 * Self.secondsBetween)
    try withDaemonsOnProxy(1, ["--store-timeout", "500ms"], direct: 1, seed: seed) { daemons, proxy in
      let history = try RecordedHistory(
        daemons, reads: .socket, seconds: seconds, seed: seed, calls: "updates", meetsOutages: true)
      for cut in 0..<Self.cuts {
        pause(milliseconds: UInt32(Self.secondsBetween * 1000))
        try SharedSessions(cut: cut, cutOff: daemons[0], other: daemons[1]).live {
          proxy.set(.severed)
          try $0()
          pause(milliseconds: Self.cutMilliseconds)
          #expect(try daemons[0].storeStatistics().contains("\"state\":\"away\""))
          proxy.set(.none)
        }
      }
      let parser = try history.finish(within: seconds + 60, losesConnections: true)
      #expect(LinearizabilityChecker().faults(in: parser.sessions) == [], "seed \(seed)")
      let outcomes = parser.sessions.values.joined().map(\.outcome)
      let made = outcomes.count { if case .version? = $0 { true } else { false } }
      let unknown = outcomes.count { $0 == nil }
      print("\(outcomes.count) requests, \(made) new versions, \(unknown) of which nobody knows")
      #expect(made > 50, "too little was done to tell anything")
    }
  }

  /// Sessions that both daemons have in memory when the one is cut off.
  private struct SharedSessions {
    private static let count = 15

    let cut: Int
    let cutOff: DaemonProcess
    let other: DaemonProcess

    private func ids(_ kind: String) -> [String] { (0..<Self.count).map { "\(kind)\(cut)-\($0)" } }

    /// - Parameter outage: cuts, does what it is given, waits, and heals.
    func live(outage: (() throws -> Void) throws -> Void) throws {
      let all = ["kept", "written", "revoked", "renamed", "doubted"].flatMap(ids)
      for id in all {
        _ = try other.ask("SET \(id) a 0").version
        #expect(try cutOff.ask("GET \(id) a") == "OK 0")
      }
      var mayHaveBeenSet = false
      try outage {
        // On its way when the cable was cut: it may come to the server when it is whole again. Unless the
        // daemon had noticed by then, which it tells.
        let reply = try cutOff.ask("SET \(ids("doubted")[0]) a 9")
        #expect(reply.errorCode == "unavailable", "\(reply)")
        mayHaveBeenSet = reply.contains("not known")
        try change()
        try checkMeanwhile()
      }
      try cutOff.waitForStore()
      // At once: whatever it has in memory from before is not believed.
      let connection = try cutOff.connect()
      for id in ids("revoked") { #expect(try connection.request("EXISTS \(id)") == "OK false") }
      for id in ids("renamed") {
        #expect(try connection.request("GET \(id)") == "NIL")
        #expect(try connection.request("GET \(id)-new a") == "OK 0")
      }
      for id in ids("written") { #expect(try connection.request("GET \(id) a") == "OK 1") }
      for id in ids("kept") { #expect(try connection.request("GET \(id) a") == "OK 0") }
      let doubted = try other.ask("GET \(ids("doubted")[0]) a")
      #expect(doubted == "OK 0" || (mayHaveBeenSet && doubted == "OK 9"), "\(doubted)")
      try eventually("both know the same", within: 5) {
        try connection.request("GET \(ids("doubted")[0]) a") == other.ask("GET \(ids("doubted")[0]) a")
      }
      // From now on each hears of the other again.
      for (number, daemon) in [cutOff, other].enumerated() {
        for id in ids("kept") { _ = try daemon.ask("SET \(id) a \(number + 2)").version }
        for id in ids("kept") {
          for daemon in [cutOff, other] {
            try eventually("it is known", within: 5) { try daemon.ask("GET \(id) a") == "OK \(number + 2)" }
          }
        }
      }
    }

    /// On the other side.
    private func change() throws {
      for id in ids("revoked") { #expect(try other.ask("REVOKE \(id)") == "OK 1") }
      for id in ids("written") { _ = try other.ask("SET \(id) a 1").version }
      for id in ids("renamed") { #expect(try other.ask("RENAME \(id) \(id)-new") == "OK \"\(id)-new\"") }
    }

    /// The one that is cut off changes nothing, and says of no session that it is missing.
    private func checkMeanwhile() throws {
      for id in ["written", "revoked", "renamed"].flatMap(ids).prefix(3) {
        #expect(try cutOff.ask("SET \(id) a 9").errorCode == "unavailable")
      }
      for id in ids("kept") + ids("written") {
        let reply = try cutOff.ask("GET \(id) a")
        #expect(reply == "OK 0" || reply.errorCode == "unavailable", "\(reply)")
      }
      #expect(try cutOff.ask("GET nobody\(cut)").errorCode == "unavailable")
    }
  }
}
