import Glibc
import Testing

@Suite("Options: a flag over the environment over the file, and bad ones are told apart in one line")
struct OptionTests {
  private func idleTime(_ options: DaemonOptions) throws -> Double {
    try withDaemon(options) { daemon in
      _ = try daemon.ask("SET s1 a 1").version
      return try daemon.ask("INFO s1").number("idle")
    }
  }

  @Test("a flag wins over the environment, that over the file, and that over the default")
  func precedence() throws {
    var options = DaemonOptions()
    #expect(try idleTime(options) == 600)
    options.configuration = "ttl=100s\n"
    #expect(try idleTime(options) == 100)
    options.environment["SESSIOND_TTL"] = "200s"
    #expect(try idleTime(options) == 200)
    options.arguments = ["--ttl", "300s"]
    #expect(try idleTime(options) == 300)
    options.arguments = ["--ttl=400"]
    #expect(try idleTime(options) == 400)
  }

  @Test("a default idle time that is longer than max-lifetime is cut to it")
  func defaultBeyondLifetime() throws {
    let left = try withDaemon(DaemonOptions(arguments: ["--max-lifetime", "1m"])) { daemon in
      _ = try daemon.ask("SET s1 a 1").version
      return try daemon.ask("TTL s1").okNumber
    }
    #expect(left <= 60)
  }

  @Test(
    "durations",
    arguments: [("500ms", 0.5), ("90", 90), ("10s", 10), ("10m", 600), ("2h", 7200), ("1d", 86400)])
  func durations(written: String, seconds: Double) throws {
    #expect(try idleTime(DaemonOptions(configuration: "ttl=\(written)\n")) == seconds)
  }

  @Test(
    "sizes", arguments: [("64M", 64 << 20), ("67108864", 64 << 20), ("65536K", 64 << 20), ("1G", 1 << 30)])
  func sizes(written: String, bytes: Int) throws {
    let limit = try withDaemon(DaemonOptions(arguments: ["--max-memory", written])) { daemon in
      try daemon.ask("STATS").number("limit")
    }
    #expect(limit == Double(bytes))
  }

  @Test(
    "a setting in the file is spelled as the flag or the variable, with comments and empty lines between",
    arguments: ["max-line=2K", "MAX-LINE=2K", "max_line=2K", "MAX_LINE=2K", "Max-Line=2K"])
  func spellings(line: String) throws {
    let configuration = "# a comment\n\n\(line)\n\n# another one\n"
    let code = try withDaemon(DaemonOptions(configuration: configuration)) { daemon in
      try daemon.ask(String(repeating: " ", count: 2048) + "PING").errorCode
    }
    #expect(code == "too-large")
  }

  @Test(
    "a file with CRLF line ends, a byte-order mark, or both is read like any other",
    arguments: [("", "\r\n"), ("\u{FEFF}", "\n"), ("\u{FEFF}", "\r\n")])
  func foreignFile(mark: String, lineEnd: String) throws {
    let lines = ["ttl=100s", "# a comment", "", "max-line = 2K", "max-lifetime=\"200s\""]
    let configuration = mark + lines.map { $0 + lineEnd }.joined()
    try withDaemon(DaemonOptions(configuration: configuration)) { daemon in
      let connection = try daemon.connect()
      _ = try connection.request("SET s1 a TTL 300 1").version
      #expect(try connection.request("TTL s1").okNumber <= 200)
      _ = try connection.request("SET s2 a 1").version
      #expect(try connection.request("INFO s2").number("idle") == 100)
      #expect(try connection.request(String(repeating: " ", count: 2048) + "PING").errorCode == "too-large")
    }
  }

  @Test("the socket's path and mode can come from the environment and from the file")
  func socketFromElsewhere() throws {
    try TemporaryDirectory.with { directory in
      let path = directory.file("sessiond.sock")
      let fromEnvironment = DaemonOptions(
        environment: ["SESSIOND_SOCKET": path, "SESSIOND_SOCKET_MODE": "0600"], namesSocket: false)
      let fromFile = DaemonOptions(configuration: "socket=\(path)\nsocket-mode=0600\n", namesSocket: false)
      for options in [fromEnvironment, fromFile] {
        let daemon = try DaemonProcess.start(in: directory, options)
        defer { daemon.kill() }
        #expect(Files.mode(path) == 0o600)
      }
    }
  }

  @Test("without --socket it serves in the runtime directory, the service manager's before the user's")
  func defaultSocket() throws {
    try TemporaryDirectory.with { directory in
      for names in [["XDG_RUNTIME_DIR"], ["RUNTIME_DIRECTORY"]] {
        var environment = Programs.plainEnvironment
        environment["XDG_RUNTIME_DIR"] = "/nowhere"
        for name in names { environment[name] = directory.path }
        let child = try ChildProcess(
          program: Programs.sessiond, arguments: [], environment: environment,
          standardOutput: directory.file("out"), standardError: directory.file("err"))
        defer { child.stop() }
        try eventually("it answers") {
          (try? RawConnection(path: directory.file("sessiond.sock")).request("PING")) == #"OK "pong""#
        }
        #expect(
          Files.status(directory.file(names == ["RUNTIME_DIRECTORY"] ? "segment" : "sessiond.segment")) != nil
        )
      }
    }
  }

  @Test("--help names every option with its default, and ends with 0")
  func help() throws {
    let help = try run(Programs.sessiond, ["--help"])
    #expect(help.status == .exited(0))
    let options = [
      "socket", "segment", "max-memory", "ttl", "max-lifetime", "threads", "busy-poll", "shards",
      "max-connections",
      "max-connections-per-user", "max-line", "max-session", "log-level", "socket-mode", "socket-group",
      "line-timeout", "mappers", "admins", "readers", "when-full", "store", "store-credentials", "durability",
      "flush-every", "store-queue", "store-timeout", "cache-ttl", "stale-for", "config", "check-config",
    ]
    for option in options { #expect(help.standardOutput.contains("--\(option) "), "--\(option)") }
    let values = [
      "256M", "10m", "64", "10000", "1M", "info", "0660", "30s", "20us", "/etc/sessiond/sessiond.conf",
    ]
    for value in values {
      #expect(help.standardOutput.contains(value), "\(value)")
    }
  }
}
