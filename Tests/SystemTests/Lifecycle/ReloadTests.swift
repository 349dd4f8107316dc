import Glibc
import Testing

@Suite("SIGHUP reads the configuration again, without a client noticing")
struct ReloadTests {
  /// Writes the file and signals until the daemon behaves as the new one says.
  private func reload(_ daemon: DaemonProcess, _ configuration: String, until done: () throws -> Bool) throws
  {
    try Files.write(configuration, to: daemon.configurationPath)
    try daemon.signal(SIGHUP)
    try eventually("the new configuration holds", done)
  }

  @Test("ttl holds for new sessions; those that are there keep theirs")
  func ttl() throws {
    try withDaemon(DaemonOptions(configuration: "ttl=100s\n")) { daemon in
      let connection = try daemon.connect()
      _ = try connection.request("SET old a 1").version
      try reload(daemon, "ttl=200s\n") {
        _ = try connection.request("DEL new")
        _ = try connection.request("SET new a 1")
        return try connection.request("INFO new").number("idle") == 200
      }
      #expect(try connection.request("INFO old").number("idle") == 100)
      #expect(try connection.request("GET old a") == "OK 1")
    }
  }

  @Test("max-line, max-session, max-connections and line-timeout hold soon")
  func limits() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      let long = "SET s1 a \"\(String(repeating: "x", count: 2000))\""
      _ = try connection.request(long).version
      try reload(daemon, "max-line=1K\nmax-connections=2\nmax-connections-per-user=2\n") {
        try connection.request(long).errorCode == "too-large"
      }
      let second = try daemon.connect()
      #expect(try second.request("PING") == #"OK "pong""#)
      #expect(try !daemon.connect().readsPong())
      try reload(daemon, "max-session=1K\nline-timeout=100ms\n") {
        try connection.request(long).errorCode == "too-large" && second.request("SET s2 b 1").errorCode == nil
      }
      // Each thread that serves takes the new limits over in its own time.
      try eventually("an unfinished line is dropped at the new limit") {
        let unfinished = try RawConnection(path: daemon.socketPath, timeoutSeconds: 1)
        // Who connects while the old max-connections holds is turned away, perhaps before he can send.
        do { try unfinished.send("PI") } catch let error as SystemCallError where error.code == EPIPE {
          return false
        }
        return (try? unfinished.isClosed()) == true
      }
    }
  }

  @Test("max-lifetime and the log level can be set and taken back")
  func lifetime() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      try reload(daemon, "max-lifetime=5s\nlog-level=debug\n") {
        _ = try connection.request("DEL s1")
        _ = try connection.request("SET s1 a 1")
        return try connection.request("TTL s1").okNumber <= 5
      }
      try reload(daemon, "") {
        _ = try connection.request("DEL s1")
        _ = try connection.request("SET s1 a 1")
        return try connection.request("TTL s1").okNumber > 500
      }
    }
  }

  @Test("a bad file leaves everything as it was, is logged, and a good one mends it")
  func badFile() throws {
    try withDaemon(DaemonOptions(configuration: "ttl=100s\nmax-line=64K\n")) { daemon in
      let connection = try daemon.connect()
      let logged = daemon.standardError.count
      try Files.write("max-line=1K\nttl=never\n", to: daemon.configurationPath)
      try daemon.signal(SIGHUP)
      try eventually("it says so") { daemon.standardError.dropFirst(logged).contains("ttl") }
      _ = try connection.request("SET s1 a \"\(String(repeating: "x", count: 2000))\"").version
      #expect(try connection.request("INFO s1").number("idle") == 100)
      try reload(daemon, "ttl=300s\n") {
        _ = try connection.request("DEL s1")
        _ = try connection.request("SET s1 a 1")
        return try connection.request("INFO s1").number("idle") == 300
      }
    }
  }

  @Test(
    "what this machine has no room for is told of at once, and not only by the next start",
    .enabled(
      if: SmallFileSystem.isPossible,
      "needs root, unshare, nsenter and mount, to mount a small file system for the daemon alone"))
  func nextStart() throws {
    try TemporaryDirectory.with { directory in
      let files = try SmallFileSystem(in: directory, mebibytes: 16)
      let daemon = try DaemonProcess.start(
        in: directory,
        DaemonOptions(configuration: "max-memory=8M\n", wrapper: files.wrapper, segment: "small/segment"))
      defer { daemon.kill() }
      try Files.write("max-memory=17M\n", to: daemon.configurationPath)
      try daemon.signal(SIGHUP)
      let told =
        "the next start would fail: \(daemon.configurationPath), line 1: max-memory: '17M' is too much: the tmpfs of"
      try eventually("it says so") { daemon.standardError.contains(told) }
      #expect(daemon.standardError.contains("changed, but only a restart applies it: max-memory"))
      #expect(try daemon.ask("PING") == #"OK "pong""#)
      let logged = daemon.standardError.count
      try Files.write("max-memory=8M\n", to: daemon.configurationPath)
      try daemon.signal(SIGHUP)
      try eventually("it is mended") {
        daemon.standardError.dropFirst(logged).contains("the configuration was reloaded")
      }
      #expect(!daemon.standardError.dropFirst(logged).contains("would fail"))
    }
  }

  @Test("flags and environment still win over the file that is read again")
  func precedence() throws {
    var options = DaemonOptions(arguments: ["--ttl", "100s"], configuration: "ttl=50s\nmax-line=64K\n")
    options.environment["SESSIOND_MAX_LINE"] = "2K"
    try withDaemon(options) { daemon in
      let connection = try daemon.connect()
      let marker = "SET marker a \"\(String(repeating: "x", count: 1500))\""
      #expect(try connection.request(marker).version > 0)
      try reload(daemon, "ttl=70s\nmax-line=64K\nmax-session=1K\n") {
        try connection.request(marker).errorCode == "too-large"
      }
      _ = try connection.request("SET s1 a 1").version
      #expect(try connection.request("INFO s1").number("idle") == 100)
      #expect(try connection.request(String(repeating: " ", count: 2049) + "PING").errorCode == "too-large")
    }
  }

  @Test("under load no client is dropped and no reply is lost, reload after reload")
  func underLoad() throws {
    try withDaemon(DaemonOptions(configuration: "ttl=100s\n")) { daemon in
      let path = daemon.socketPath
      let pid = daemon.pid
      try inThreads(5) { index in
        if index == 4 {
          for _ in 0..<50 {
            try check(kill(pid, SIGHUP), "kill")
            pause(milliseconds: 5)
          }
          return
        }
        let connection = try RawConnection(path: path)
        for number in 1...3000 {
          let reply = try connection.request("INCR s\(index) n")
          guard reply == "OK \(number)" else { throw Failure("\(reply) instead of OK \(number)") }
        }
      }
      #expect(try daemon.ask("PING") == #"OK "pong""#)
    }
  }
}
