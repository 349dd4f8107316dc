import Linearizability
import SessionClient
import Synchronization
import TestSupport
import Testing

@Suite(
  "Several daemons on one Redis server are one store",
  .enabled(if: RedisServer.isPossible, "\(RedisServer.isWanted)"))
struct SharedStoreTests {
  private static let seconds = Programs.runsLongTests ? 60.0 : 3.0

  @Test("IF and INCR are linearizable across two daemons: eight clients in four processes")
  func linearizable() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    try withDaemonsOnRedis(2) { daemons, _ in
      let history = try RecordedHistory(
        daemons, reads: .socket, seconds: Self.seconds, seed: seed, calls: "updates")
      let parser = try history.finish(within: Self.seconds + 60, losesConnections: false)
      #expect(LinearizabilityChecker().faults(in: parser.sessions) == [], "seed \(seed)")
      #expect(parser.count > 300, "too little was done to tell anything")
      let outcomes = parser.sessions.values.joined().map(\.outcome)
      let (made, refused) = outcomes.reduce(into: (0, 0)) { counts, outcome in
        if case .version? = outcome { counts.0 += 1 }
        if case .conflict? = outcome { counts.1 += 1 }
      }
      #expect(made > 50 && refused > 50, "too little of one kind to tell anything")
    }
  }

  @Test("on one daemon nothing is different: all that its clients see is linearizable, out of memory as well")
  func oneDaemon() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    try withDaemonsOnRedis(1) { daemons, _ in
      let history = try RecordedHistory(daemons[0], reads: .both, seconds: Self.seconds, seed: seed)
      let parser = try history.finish(within: Self.seconds + 60, losesConnections: false)
      #expect(LinearizabilityChecker().faults(in: parser.sessions) == [], "seed \(seed)")
      #expect(parser.count > 300, "too little was done to tell anything")
    }
  }

  @Test("what is flushed from the server stays away, also where it was used just before")
  func flush() throws {
    try withDaemonsOnRedis(2) { daemons, redis in
      let sessions = 0..<50
      for session in sessions { _ = try daemons[session % 2].ask("SET s\(session) a 1").version }
      for _ in 0..<3 {
        for session in sessions {
          for daemon in daemons { #expect(try daemon.ask("GET s\(session) a") == "OK 1") }
        }
        pause(milliseconds: 300)
      }
      try redis.command("FLUSHALL")
      for daemon in daemons {
        for session in sessions {
          try eventually("it has gone") { try daemon.ask("GET s\(session)") == "NIL" }
        }
      }
      for daemon in daemons {
        try eventually("a write is done") { try daemon.ask("SET new a 1").errorCode == nil }
        for session in sessions { #expect(try daemon.ask("GET s\(session)") == "NIL") }
      }
    }
  }

  @Test("clients of two daemons change one number 300 times each and lose no change")
  func updates() throws {
    try withDaemonsOnRedis(2) { daemons, _ in
      _ = try daemons[0].ask("MSET s1 {\"n\":0,\"other\":\"untouched\"}").version
      let ways: [ProbeProcess.ReadWay] = [.socket, .mapped]
      let updaters = try (0..<4).map { number in
        try ProbeProcess(
          "update", name: "updater\(number)", daemon: daemons[number % 2], reads: ways[number / 2],
          seconds: 0,
          ["session=s1", "rounds=300"])
      }
      for updater in updaters { try updater.finish(within: 120) }
      for daemon in daemons {
        try eventually("it is known") { try daemon.ask("GET s1") == #"OK {"n":1200,"other":"untouched"}"# }
      }
    }
  }

  /// Three daemons, each with a writer and a reader of the same sessions. A writer has a key of its own, into which it
  /// writes growing numbers, so a number that falls was read from the past, and one that is missing was lost.
  @Test(
    "plain writes of all daemons are all there in the end, on each of them; and no reader goes back in time",
    arguments: [SessionClient.Options.Mapping.off, .automatic])
  func convergence(mapping: SessionClient.Options.Mapping) throws {
    let sessions = 10
    let seed = UInt64.random(in: 0...UInt64.max)
    try withDaemonsOnRedis(3) { daemons, _ in
      let sockets = daemons.map(\.socketPath)
      let end = secondsSinceBoot() + Self.seconds / 2
      let written = Mutex<[String: Int]>([:])
      try inThreads(2 * sockets.count) { index in
        var random = SplitMix64(seed: seed &+ UInt64(index))
        let socket = sockets[index / 2]
        if index % 2 == 0 {
          let connection = try RawConnection(path: socket)
          for number in 1... where number == 1 || secondsSinceBoot() < end {
            let place = "s\(random.pick(sessions)) k\(index)"
            _ = try connection.request("SET \(place) \(number)").version
            written.withLock { $0[place] = number }
            if secondsSinceBoot() >= end { return }
          }
        } else {
          let client = SessionClient(socket: socket, options: SessionClient.Options(mapping: mapping))
            .blocking
          var seen: [String: Int] = [:]
          while secondsSinceBoot() < end {
            let (session, key) = ("s\(random.pick(sessions))", "k\(2 * random.pick(sockets.count))")
            let number = try client.peek(session, key, as: Int.self) ?? 0
            let before = seen.updateValue(number, forKey: "\(session) \(key)") ?? 0
            guard number >= before else {
              throw Failure("\(session) \(key) went from \(before) back to \(number); seed \(seed)")
            }
          }
        }
      }
      for (place, number) in written.withLock({ $0 }) {
        for daemon in daemons {
          try eventually("\(place) is \(number) everywhere; seed \(seed)", within: 5) {
            try daemon.ask("PEEK \(place)") == "OK \(number)"
          }
        }
      }
      if mapping == .automatic { #expect(try daemons[0].mappedHits() > 0) }
    }
  }

  /// How late is printed, for the documents.
  @Test("a change by one daemon is soon seen by clients of another one that had read what was before")
  func lateness() throws {
    try withDaemonsOnRedis(2) { daemons, _ in
      let (writer, reader) = (try daemons[0].connect(), try daemons[1].connect())
      var microseconds: [Int] = []
      for number in 0..<300 {
        _ = try reader.request("GET s1 n")
        _ = try writer.request("SET s1 n \(number)").version
        let begin = secondsSinceBoot()
        while try reader.request("GET s1 n") != "OK \(number)" {
          guard secondsSinceBoot() < begin + 5 else { throw Failure("it is never seen") }
        }
        microseconds.append(Int((secondsSinceBoot() - begin) * 1e6))
      }
      microseconds.sort()
      print(
        "seen after \(microseconds[150]) µs (median), \(microseconds[297]) µs (99 %), at most \(microseconds[299]) µs"
      )
    }
  }

  @Test("an EXPIRE at one daemon and a change at another one, both at once, do not undo each other")
  func timesToLive() throws {
    try withDaemonsOnRedis(2) { daemons, _ in
      let (one, other) = (try daemons[0].connect(), try daemons[1].connect())
      _ = try one.request("SET s1 a 0").version
      for round in 1...100 {
        _ = try other.request("GET s1")
        try one.send("EXPIRE s1 \(1000 + round)\n")
        try other.send("SET s1 a \(round)\n")
        #expect(try one.reply() == "OK true")
        #expect(try other.reply().version > 0)
        for connection in [one, other] {
          try eventually("both are known", within: 5) {
            let idle = try connection.request("INFO s1").number("idle")
            return try idle == Double(1000 + round) && connection.request("PEEK s1 a") == "OK \(round)"
          }
        }
      }
    }
  }

  @Test("a session has one id everywhere: RENAME, with a grace and without")
  func renames() throws {
    try withDaemonsOnRedis(2) { daemons, _ in
      let (here, there) = (daemons[0], daemons[1])
      for (number, grace) in ["", " GRACE 600"].enumerated() {
        let (old, new) = ("old\(number)", "new\(number)")
        _ = try here.ask("SET \(old) a 1").version
        #expect(try there.ask("GET \(old) a") == "OK 1")
        #expect(try there.ask("GET \(new)") == "NIL")
        #expect(try here.ask("RENAME \(old) \(new)\(grace)") == "OK \"\(new)\"")
        try eventually("it is known there", within: 5) { try there.ask("GET \(new) a") == "OK 1" }
        try eventually("the old one is closed", within: 5) {
          try there.ask("GET \(old) a") == (grace.isEmpty ? "NIL" : "OK 1")
        }
        #expect(try there.ask("SET \(old) a 2").errorCode == "revoked")
        #expect(try there.ask("SET \(new) b 2").version > 0)
        try eventually("it is known here", within: 5) { try here.ask("GET \(new)") == #"OK {"a":1,"b":2}"# }
      }
      // Both ends at once: one of them wins.
      for round in 0..<20 {
        _ = try here.ask("SET r\(round) a 1").version
        _ = try there.ask("GET r\(round)")
        let (first, second) = (try here.connect(), try there.connect())
        try first.send("RENAME r\(round) x\(round)\n")
        try second.send("RENAME r\(round) y\(round)\n")
        let replies = [try first.reply(), try second.reply()]
        #expect(replies.count { $0.hasPrefix("OK ") } == 1, "\(replies)")
        let name = replies[0].hasPrefix("OK ") ? "x\(round)" : "y\(round)"
        let loser = replies[0].hasPrefix("OK ") ? "y\(round)" : "x\(round)"
        for daemon in daemons {
          try eventually("it is known", within: 5) { try daemon.ask("GET \(name) a") == "OK 1" }
          #expect(try daemon.ask("EXISTS \(loser)") == "OK false")
        }
      }
    }
  }

  @Test("log-out is everywhere: REVOKE, REVOKEALL; and TAGGED, LIST, DEL and FLUSH know all sessions")
  func logOut() throws {
    try withDaemonsOnRedis(2) { daemons, _ in
      let (here, there) = (daemons[0], daemons[1])
      for session in 0..<60 {
        let daemon = daemons[session % 2]
        _ = try daemon.ask("SET s\(session) a \(session)").version
        #expect(try daemon.ask("TAG s\(session) user:\(session % 3) all") == "OK 2")
      }
      for daemon in daemons {
        #expect(try daemon.ask("TAGGED user:1").split(separator: ",").count == 20)
        #expect(try daemon.ask("LIST LIMIT 1000").split(separator: ",").count >= 60)
        for session in 0..<60 { #expect(try daemon.ask("PEEK s\(session) a") == "OK \(session)") }
      }
      #expect(try here.ask("REVOKE s1 s2") == "OK 2")
      for session in [1, 2] {
        try eventually("it is over there", within: 5) { try there.ask("GET s\(session)") == "NIL" }
        #expect(try there.ask("SET s\(session) a 1").errorCode == "revoked")
      }
      #expect(try there.ask("REVOKEALL user:0") == "OK 20")
      for session in stride(from: 0, to: 60, by: 3) {
        try eventually("it is over here", within: 5) { try here.ask("GET s\(session)") == "NIL" }
        #expect(try here.ask("SET s\(session) a 1").errorCode == "revoked")
      }
      #expect(try here.ask("TAGGED user:0") == "OK []")
      #expect(try here.ask("DEL s4") == "OK 1")
      try eventually("it is gone there", within: 5) { try there.ask("GET s4") == "NIL" }
      #expect(try there.ask("FLUSH").okNumber == 37)
      try eventually("nothing is left here", within: 5) { try here.ask("GET s5") == "NIL" }
      #expect(try here.ask("TAGGED all") == "OK []")
    }
  }
}
