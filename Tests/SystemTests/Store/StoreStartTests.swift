import Glibc
import Testing

@Suite("A start over a store, and how long sessions stay in memory")
struct StoreStartTests {
  private static let sessions = 3000

  private func fill(_ daemon: DaemonProcess) throws {
    let value = "\"\(String(repeating: "v", count: 2000))\""
    for start in stride(from: 0, to: Self.sessions, by: 500) {
      let lines = (start..<start + 500).map { "MSET s\($0) {\"a\":\($0),\"b\":\(value)}\n" }.joined()
      for reply in try daemon.connect().exchange(Array(lines.utf8), replies: 500) { _ = try reply.version }
    }
  }

  @Test(
    "READY=1 does not wait until sessions are loaded, and who asks for one meanwhile gets it",
    .enabled(if: Tracing.isPossible, "needs strace(1), and a system that lets it trace"))
  func warmStart() throws {
    try TemporaryDirectory.with { directory in
      let state = directory.file("state")
      try check(mkdir(state, 0o700), "mkdir")
      let socket = try NotifySocket(UnixAddress(path: directory.file("notify.sock")))
      var options = DaemonOptions(
        arguments: TestedStore.sqliteBehind.arguments(at: state) + [
          "--max-memory", "64M", "--store-timeout", "20s",
        ])
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      try fill(daemon)
      try daemon.signal(SIGTERM)
      #expect(try daemon.waitForExit() == .exited(0))
      unlink(daemon.segmentPath)
      // The disk is slow once the database is open: that takes fewer reads. A page of the warm start takes a second or
      // two then, and all of it more than a few.
      options.wrapper =
        Tracing.command + [
          "-I", "2", "-qqq", "-o", "/dev/null", "-e", "trace=pread64", "-e",
          "inject=pread64:delay_enter=2000:when=100+",
        ]
      options.environment = ["NOTIFY_SOCKET": directory.file("notify.sock")]
      try daemon.launchAgain(options)
      try socket.waitFor("READY=1")
      func isWarm() -> Bool { daemon.output.contains("the cache is warm") }
      #expect(!isWarm())
      #expect(try daemon.ask("GET s17 a") == "OK 17")
      #expect(!isWarm())
      try daemon.detachTracer()
      try eventually("it is warm") { isWarm() }
      #expect(try daemon.storeStatistics().contains("\"warm\":null") == false)
      #expect(try daemon.ask("STATS").number("sessions") == Double(Self.sessions))
    }
  }

  @Test(
    "a database that takes long to open keeps nobody from what is in memory, and nothing is said to be missing",
    .enabled(if: Tracing.isPossible, "needs strace(1), and a system that lets it trace"),
    arguments: TestedStore.sqlite)
  func slowOpening(store: TestedStore) throws {
    try TemporaryDirectory.with { directory in
      let state = directory.file("state")
      try check(mkdir(state, 0o700), "mkdir")
      let socket = try NotifySocket(UnixAddress(path: directory.file("notify.sock")))
      var options = DaemonOptions(arguments: store.arguments(at: state))
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      _ = try daemon.ask("SET s a 1").version
      daemon.kill()
      options.wrapper =
        Tracing.command + [
          "-I", "2", "-qqq", "-o", "/dev/null", "-P", "\(state)/sessions.db", "-e", "trace=pread64", "-e",
          "inject=pread64:delay_enter=100000000:when=1",
        ]
      options.environment = ["NOTIFY_SOCKET": directory.file("notify.sock")]
      try daemon.launchAgain(options)
      try socket.waitFor("READY=1")
      let reason = "the store is away: it is still being opened"
      #expect(daemon.output.contains(reason))
      #expect(try daemon.storeStatistics().contains(#""state":"away","reason":"it is still being opened""#))
      #expect(try daemon.ask("GET nobody") == "ERR unavailable \(reason)")
      #expect(try daemon.ask("GET s a") == "OK 1")
      let reply = try daemon.ask("SET s a 2")
      #expect(store.isThrough ? reply == "ERR unavailable \(reason)" : reply.errorCode == nil)
      try daemon.detachTracer()
      try daemon.waitForStore()
      #expect(try daemon.ask("GET nobody") == "NIL")
      #expect(try daemon.ask("GET s a") == (store.isThrough ? "OK 1" : "OK 2"))
      try daemon.waitUntilSaved()
      daemon.killWithSegment()
      options.wrapper = []
      try daemon.restart(options)
      #expect(try daemon.ask("GET s a") == (store.isThrough ? "OK 1" : "OK 2"))
    }
  }

  @Test(
    "cache-ttl holds for sessions that are in memory already: at SIGHUP, at the next start, and taken back")
  func cacheTTL() throws {
    try TemporaryDirectory.with { directory in
      let state = directory.file("state")
      try check(mkdir(state, 0o700), "mkdir")
      let arguments = TestedStore.sqliteBehind.arguments(at: state) + ["--max-memory", "64M"]
      let daemon = try DaemonProcess.start(
        in: directory, DaemonOptions(arguments: arguments, configuration: "cache-ttl=1h\n"))
      defer { daemon.kill() }
      func inMemory() throws -> Int { Int(try daemon.ask("STATS").number("sessions")) }
      func load() throws {
        for session in 0..<50 { #expect(try daemon.ask("GET s\(session) a") == "OK \(session)") }
      }
      for session in 0..<50 { _ = try daemon.ask("SET s\(session) a \(session)").version }
      try daemon.waitUntilSaved()
      #expect(try inMemory() == 50)
      try Files.write("cache-ttl=1s\n", to: daemon.configurationPath)
      try daemon.signal(SIGHUP)
      try eventually("they leave memory") { try inMemory() == 0 }
      try load()
      try Files.write("cache-ttl=1h\n", to: daemon.configurationPath)
      try daemon.signal(SIGHUP)
      try eventually("they stay") {
        try load()
        pause(milliseconds: 1500)
        return try inMemory() == 50
      }
      for (value, count) in [("1s", 0), ("off", 50)] {
        try daemon.signal(SIGTERM)
        #expect(try daemon.waitForExit() == .exited(0))
        var options = daemon.options
        options.configuration = "cache-ttl=\(value)\n"
        try Files.write(options.configuration, to: daemon.configurationPath)
        try daemon.restart(options)
        try load()
        pause(milliseconds: 1500)
        try eventually("\(count) are in memory") { try inMemory() == count }
      }
    }
  }
}
