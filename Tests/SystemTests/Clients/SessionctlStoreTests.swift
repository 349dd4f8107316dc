import SessionClient
import Testing

@Suite("sessionctl and the client library with a store behind the cache")
struct SessionctlStoreTests {
  @Test("stats tells what kind of store it is, and how it is doing")
  func statistics() throws {
    try TemporaryDirectory.with { directory in
      let options = DaemonOptions(arguments: ["--store", "sqlite:\(directory.file("sessions.db"))"])
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      _ = try daemon.ask("SET s1 a 1").version
      let table = try daemon.sessionctl(["stats"]).standardOutput
      #expect(table.contains("sqlite, behind, ok"))
      #expect(table.contains("at most 100,000"))
      #expect(
        try daemon.sessionctl(["stats", "--json"]).standardOutput.contains(#""store":{"kind":"sqlite""#))
    }
  }

  @Test(
    "stats tells the round trips to a Redis server, and what it has told of other daemons' changes",
    .enabled(if: RedisServer.isPossible, "\(RedisServer.isWanted)"))
  func roundTrips() throws {
    try withDaemonsOnRedis(2) { daemons, _ in
      let before = try daemons[0].storeStatistics()
      for session in 0..<20 {
        _ = try daemons[0].ask("SET s\(session) a 1").version
        #expect(try daemons[0].ask("GET s\(session) a") == "OK 1")
      }
      let after = try daemons[0].storeStatistics()
      // One commit each at least; nobody else has changed anything.
      #expect(try after.number("roundTrips") >= before.number("roundTrips") + 20)
      #expect(try after.number("invalidations") == 0)
      for session in 0..<20 { _ = try daemons[1].ask("SET s\(session) a 2").version }
      try eventually("it has heard of each change") {
        try daemons[0].storeStatistics().number("invalidations") >= 20
      }
      let table = try daemons[0].sessionctl(["stats"]).standardOutput
      #expect(table.contains("redis, through, ok"))
      let line = try #require(table.split(separator: "\n").first { $0.contains(" round trips, ") })
      #expect(line.contains(" invalidations") && !line.contains(" 0 invalidations"), "\(line)")
    }
  }

  @Test("a store that is away is an error of its own and no log-out")
  func away() async throws {
    try await TemporaryDirectory.with { directory in
      let options = DaemonOptions(arguments: ["--store", "unix:\(directory.file("no-such-server.sock"))"])
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      for command in [["get", "s1"], ["set", "s1", "a", "1"], ["list"], ["info", "s1"]] {
        let result = try daemon.sessionctl(command)
        #expect(result.status == .exited(4), "\(command): \(result.standardOutput)")
        #expect(result.standardError.contains("can't reach its store"), "\(command): \(result.standardError)")
      }
      #expect(try daemon.sessionctl(["stats"]).standardOutput.contains("redis, through, away"))
      let sessions = SessionClient(socket: daemon.socketPath)
      do {
        _ = try await sessions.get("s1")
        Issue.record("a session was said to be gone, or there")
      } catch SessionError.storeUnavailable {
      }
    }
  }
}
