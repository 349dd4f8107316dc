import Glibc
import Testing

@Suite("sessionctl top")
struct SessionctlTopTests {
  /// One that runs in a terminal.
  private func start(
    _ daemon: DaemonProcess, in terminal: PseudoTerminal, _ arguments: [String] = [],
    environment: [String: String] = ["TERM": "xterm"]
  ) throws -> ChildProcess {
    try ChildProcess(
      program: Programs.sessionctl, arguments: ["--socket", daemon.socketPath, "top"] + arguments,
      environment: Programs.plainEnvironment.merging(environment) { $1 }, standardInput: terminal.inner,
      standardOutput: terminal.path, standardError: daemon.directory.file("top.errors"))
  }

  @Test("prints what happened within an interval, and ends")
  func once() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      _ = try connection.request("SET s1 a 1").version
      #expect(try connection.request("GET s1 a") == "OK 1")
      let text = try daemon.printed("top", "--once", "--interval", "100ms")
      for part in ["requests ", "/s over the socket", "sessions   1,", "of 256.0 MiB", "STATS", "SET"] {
        #expect(text.contains(part), "\(part)\n\(text)")
      }
      #expect(!text.contains("\u{1B}"))
      let json = try daemon.printed("top", "--once", "--json", "--interval", "100ms")
      #expect(try json.number("sessions") == 1)
      // The daemon tells its uptime in milliseconds.
      #expect(try json.number("seconds") > 0.098)
      #expect(text.split(separator: "\n").allSatisfy { !$0.hasSuffix(" ") }, "\(text)")
      #expect(try json.number("requests") > 0)
      #expect(json.contains(#""hitRatio":null"#))
    }
  }

  @Test("counts what is asked for meanwhile")
  func rates() throws {
    try withDaemon { daemon in
      let output = daemon.directory.file("top.json")
      let top = try ChildProcess(
        program: Programs.sessionctl,
        arguments: ["--socket", daemon.socketPath, "top", "--once", "--json", "--interval", "2s"],
        environment: Programs.plainEnvironment, standardOutput: output,
        standardError: daemon.directory.file("errors"))
      let connection = try daemon.connect()
      var asked = 0.0
      try eventually("its first question was asked") {
        asked += 1
        // A question is not counted yet when it is answered.
        let statistics = try connection.request("STATS")
        guard let own = statistics.firstRange(of: "\"STATS\":") else { return false }
        return try String(statistics[own.upperBound...]).number("count") >= asked
      }
      for _ in 0..<100 { #expect(try connection.request("GET nobody a") == "NIL") }
      #expect(try top.waitForExit() == .exited(0))
      #expect(try Files.text(output).number("hitRatio") == 0)
      #expect(try Files.text(output).number("socketReads") > 0)
    }
  }

  @Test("fills a terminal until q is typed, and leaves it as it was", arguments: ["q", "\u{3}"])
  func live(key: String) throws {
    try withDaemon { daemon in
      _ = try daemon.ask("SET s1 a 1").version
      let terminal = try PseudoTerminal(columns: 90, rows: 20)
      let top = try start(daemon, in: terminal, ["--interval", "100ms"])
      defer { top.stop() }
      try eventually("it shows rates") { terminal.written.contains("STATS") }
      #expect(terminal.written.contains("\u{1B}[?1049h"))
      #expect(terminal.written.contains("\u{1B}[1msessiond "))
      #expect(try !terminal.isCooked)
      try terminal.type(key)
      #expect(try top.waitForExit() == .exited(0))
      #expect(terminal.written.hasSuffix("\u{1B}[?1049l"))
      #expect(try terminal.isCooked)
    }
  }

  @Test("paints anew when the terminal gets another size, or the space bar is pressed")
  func resized() throws {
    try withDaemon { daemon in
      let terminal = try PseudoTerminal(columns: 90, rows: 20)
      let top = try start(daemon, in: terminal, ["--interval", "1h"])
      defer { top.stop() }
      try eventually("it paints") { terminal.written.contains("clients") }
      terminal.forget()
      try terminal.resize(columns: 30, rows: 5)
      try eventually("it paints anew") { terminal.written.contains("\u{1B}[H") }
      try eventually("all of it") { terminal.written.hasSuffix("\u{1B}[J") }
      #expect(terminal.written.count { $0 == "\r\n" } == 4)
      terminal.forget()
      try terminal.type(" ")
      try eventually("it asks at once") { terminal.written.contains("/s") }
      try terminal.type("q")
      #expect(try top.waitForExit() == .exited(0))
    }
  }

  @Test("obeys keys, and fits itself to the terminal, while a daemon does not answer")
  func silent() throws {
    try withDaemon { daemon in
      let terminal = try PseudoTerminal(columns: 90, rows: 20)
      let top = try start(daemon, in: terminal, ["--interval", "100ms", "--timeout", "600"])
      defer { top.stop() }
      try eventually("it shows rates") { terminal.written.contains("STATS") }
      try daemon.signal(SIGSTOP)
      // Long enough for a question to be under way, as a rule.
      usleep(300_000)
      terminal.forget()
      try terminal.resize(columns: 30, rows: 5)
      try eventually("it paints anew") { terminal.written.hasSuffix("\u{1B}[J") }
      try terminal.type("q")
      #expect(try top.waitForExit() == .exited(0))
      #expect(try terminal.isCooked)
      try daemon.signal(SIGCONT)
    }
  }

  @Test("goes on when the daemon is started anew, and shows no colour to who wants none")
  func restart() throws {
    try withDaemon { daemon in
      let terminal = try PseudoTerminal(columns: 120, rows: 30)
      let top = try start(
        daemon, in: terminal, ["--interval", "100ms"], environment: ["TERM": "xterm", "NO_COLOR": "1"])
      defer { top.stop() }
      try eventually("it shows rates") { terminal.written.contains("STATS") }
      daemon.kill()
      try eventually("it says that nobody answers") { terminal.written.contains("not answered, ") }
      try daemon.restart()
      terminal.forget()
      try eventually("it shows the new one") {
        terminal.written.contains("process \(daemon.pid),") && terminal.written.contains("STATS")
      }
      #expect(!terminal.written.contains("\u{1B}[1m"))
      #expect(!terminal.written.contains("m\u{1B}[0m"))
      try top.signal(SIGTERM)
      #expect(try top.waitForExit() == .exited(128 + SIGTERM))
      #expect(try terminal.isCooked)
      #expect(terminal.written.hasSuffix("\u{1B}[?1049l"))
    }
  }

  @Test(
    "a terminal that can't be painted: status 2, and what there is instead",
    arguments: [["TERM": "dumb"], ["TERM": ""], [:]])
  func dumb(environment: [String: String]) throws {
    try withDaemon { daemon in
      let terminal = try PseudoTerminal(columns: 90, rows: 20)
      let top = try start(daemon, in: terminal, environment: environment)
      defer { top.stop() }
      #expect(try top.waitForExit() == .exited(2))
      #expect(terminal.written.isEmpty)
      #expect(try Files.text(daemon.directory.file("top.errors")).contains("--once"))
    }
  }

  @Test(
    "a command line that makes no sense: status 2",
    arguments: [
      [], ["--json"], ["--once", "--interval", "0"], ["--once", "--interval", "2h"],
      ["--once", "--interval", "x"],
    ])
  func usage(arguments: [String]) throws {
    try withDaemon { daemon in
      let result = try daemon.sessionctl(["top"] + arguments)
      #expect(result.status == .exited(2), "\(result.standardError)")
      #expect(result.standardOutput.isEmpty)
      #expect(!result.standardError.isEmpty)
    }
  }

  @Test("without a daemon: status 3, one line")
  func noDaemon() throws {
    try TemporaryDirectory.with { directory in
      let result = try run(
        Programs.sessionctl, ["--socket", directory.file("sessiond.sock"), "top", "--once"])
      #expect(result.status == .exited(3))
      #expect(result.errorLines.count == 1)
    }
  }
}
