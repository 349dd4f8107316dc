import Glibc
import Testing

@Suite("A daemon that gets a store, or another one, takes its sessions along")
struct StoreMoveTests {
  private static let sessions = 500

  /// Sessions with tags; one that was revoked, one that was renamed, and one that is still read under its old id.
  private func fill(_ daemon: DaemonProcess) throws {
    let connection = try daemon.connect()
    for session in 0..<Self.sessions {
      _ = try connection.request("SET s\(session) a \(session)").version
      #expect(try connection.request("TAG s\(session) user:\(session % 5)") == "OK 1")
    }
    for name in ["revoked", "renamed", "old"] { _ = try connection.request("SET \(name) a 1").version }
    #expect(try connection.request("REVOKE revoked") == "OK 1")
    #expect(try connection.request("RENAME renamed new") == #"OK "new""#)
    #expect(try connection.request("RENAME old other GRACE 600") == #"OK "other""#)
  }

  private func check(_ daemon: DaemonProcess) throws {
    let connection = try daemon.connect()
    for session in 0..<Self.sessions {
      let reply = try connection.request("GET s\(session) a")
      #expect(reply == "OK \(session)", "session \(session)")
    }
    #expect(
      try connection.request("TAGGED user:2 LIMIT 1000").split(separator: ",").count == Self.sessions / 5)
    for name in ["new", "other", "old"] {
      #expect(try connection.request("GET \(name) a") == "OK 1", "\(name)")
    }
    for name in ["revoked", "renamed", "old"] {
      #expect(try connection.request("SET \(name) a 2").errorCode == "revoked", "\(name)")
    }
  }

  /// Starts without a store, then with each store in turn, over the same segment; and looks at what the last one has
  /// once the segment is lost.
  ///
  /// - Parameter stores: flags.
  private func move(in directory: TemporaryDirectory, by stores: [[String]]) throws {
    let memory = ["--max-memory", "32M", "--shards", "2"]
    let daemon = try DaemonProcess.start(in: directory, DaemonOptions(arguments: memory))
    defer { daemon.kill() }
    try fill(daemon)
    for store in stores {
      try daemon.signal(SIGTERM)
      #expect(try daemon.waitForExit() == .exited(0))
      try daemon.restart(DaemonOptions(arguments: memory + store))
      try daemon.waitForStore()
      try check(daemon)
    }
    try daemon.waitUntilSaved()
    daemon.killWithSegment()
    try daemon.restart()
    try check(daemon)
  }

  @Test("from none to SQLite, and on to another database", arguments: ["behind", "through"])
  func databases(durability: String) throws {
    try TemporaryDirectory.with { directory in
      let state = directory.file("state")
      try SystemTests.check(mkdir(state, 0o700), "mkdir")
      try move(
        in: directory,
        by: ["first", "second"].map { ["--store", "sqlite:\(state)/\($0).db", "--durability", durability] })
    }
  }

  @Test(
    "from none to Redis, and from a database",
    .enabled(if: RedisServer.isPossible, "\(RedisServer.isWanted)"),
    arguments: [false, true])
  func redis(byDatabase: Bool) throws {
    try TemporaryDirectory.with { directory in
      let server = try RedisServer(in: directory)
      defer { server.kill() }
      let state = directory.file("state")
      try SystemTests.check(mkdir(state, 0o700), "mkdir")
      let database = [["--store", "sqlite:\(state)/sessions.db"]]
      try move(
        in: directory, by: (byDatabase ? database : []) + [TestedStore.redis.arguments(at: server.socketPath)]
      )
    }
  }
}
