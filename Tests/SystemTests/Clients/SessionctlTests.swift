import Glibc
import Testing

@Suite("sessionctl over the real daemon")
struct SessionctlTests {
  private func sessionctl(_ daemon: DaemonProcess, _ arguments: String...) throws -> ProgramResult {
    try run(Programs.sessionctl, ["--socket", daemon.socketPath] + arguments)
  }

  /// What a command prints that must succeed.
  private func output(_ daemon: DaemonProcess, _ arguments: String...) throws -> String {
    let result = try run(Programs.sessionctl, ["--socket", daemon.socketPath] + arguments)
    guard result.status == .exited(0) else {
      throw Failure("\(arguments): \(result.status), \(result.standardError)")
    }
    return result.standardOutput
  }

  // MARK: Commands

  @Test("values are set and read, as people and as programs like to see them")
  func values() throws {
    try withDaemon { daemon in
      #expect(try output(daemon, "set", "s1", "theme", "\"dark\"").hasPrefix("version "))
      #expect(try output(daemon, "get", "s1", "theme") == "dark\n")
      #expect(try output(daemon, "get", "s1", "theme", "--json") == "\"dark\"\n")
      #expect(try output(daemon, "peek", "s1", "theme", "--json") == "\"dark\"\n")
      _ = try output(daemon, "mset", "s1", #"{"a": [1, 2.50], "b": null}"#)
      #expect(try output(daemon, "get", "s1", "--json") == #"{"theme":"dark","a":[1,2.50],"b":null}"# + "\n")
      #expect(
        try output(daemon, "mget", "s1", "b", "theme", "--json") == #"{"theme":"dark","b":null}"# + "\n")
      _ = try output(daemon, "mset", "s1", "x=1", "y=plain")
      #expect(try daemon.ask("MGET s1 x y") == #"OK {"x":1,"y":"plain"}"#)
      let shown = try output(daemon, "get", "s1").split(separator: "\n")
      #expect(shown.count == 5)
      #expect(shown.first?.hasPrefix("theme ") == true)
    }
  }

  @Test("a value that is no JSON is taken as a string, and it says so")
  func plainStrings() throws {
    try withDaemon { daemon in
      let result = try sessionctl(daemon, "set", "s1", "theme", "dark \"and\" é")
      #expect(result.status == .exited(0))
      #expect(result.errorLines.count == 1)
      #expect(result.standardError.contains("string"))
      #expect(try daemon.ask("GET s1 theme") == #"OK "dark \"and\" é""#)
      let quiet = try sessionctl(daemon, "set", "s1", "theme", "[1]")
      #expect(quiet.standardError.isEmpty)
    }
  }

  @Test("counting, deleting, touching and expiring")
  func changes() throws {
    try withDaemon { daemon in
      #expect(try output(daemon, "incr", "s1", "n") == "1\n")
      #expect(try output(daemon, "incr", "s1", "n", "41") == "42\n")
      #expect(try output(daemon, "incr", "s1", "n", "-50") == "-8\n")
      #expect(try output(daemon, "expire", "s1", "30m") == "true\n")
      #expect(try daemon.ask("INFO s1").number("idle") == 1800)
      let left = Double(try output(daemon, "ttl", "s1").dropLast())
      #expect(left.map { (1000...1800).contains($0) } == true)
      #expect(try output(daemon, "touch", "s1") == "1\n")
      #expect(try output(daemon, "del", "s1", "n", "m") == "1\n")
      #expect(try output(daemon, "del", "s1") == "1\n")
      #expect(try daemon.ask("EXISTS s1") == "OK false")
    }
  }

  @Test("writing under a condition, and with a time to live")
  func conditions() throws {
    try withDaemon { daemon in
      let version = try daemon.ask("SET s1 a 1").version
      #expect(
        try output(daemon, "set", "s1", "a", "2", "--if", "\(version)", "--ttl", "90s").hasPrefix("version "))
      #expect(try daemon.ask("INFO s1").number("idle") == 90)
      let late = try sessionctl(daemon, "set", "s1", "a", "3", "--if", "\(version)")
      #expect(late.status == .exited(4))
      #expect(late.errorLines.count == 1)
      #expect(try daemon.ask("GET s1 a") == "OK 2")
    }
  }

  @Test("looking at sessions and at the daemon")
  func looking() throws {
    try withDaemon { daemon in
      for index in 0..<1500 { _ = try daemon.ask("SET user:\(index) a 1") }
      _ = try daemon.ask("SET guest a 1")
      _ = try daemon.ask("GET guest a")
      _ = try daemon.ask("GET guest b")
      #expect(try output(daemon, "ping") == "pong\n")
      #expect(try output(daemon, "list").split(separator: "\n").count == 1501)
      #expect(try output(daemon, "list", "--prefix", "user:").split(separator: "\n").count == 1500)
      #expect(try output(daemon, "list", "--prefix", "gu", "--json") == "[\"guest\"]\n")
      let info = try output(daemon, "info", "guest", "--json")
      #expect(try info.number("keys") == 1)
      #expect(try output(daemon, "info", "guest").contains("version"))
      let table = try output(daemon, "stats")
      for word in ["sessions", "1,501", "hit ratio", "50.0 %", "mapped reads", "SET", "GET"] {
        #expect(table.contains(word), "\(word)")
      }
      #expect(try output(daemon, "stats", "--json").number("sessions") == 1501)
    }
  }

  @Test("flush asks, or wants --yes")
  func flush() throws {
    try withDaemon { daemon in
      _ = try daemon.ask("SET s1 a 1")
      #expect(try sessionctl(daemon, "flush").status == .exited(2))
      #expect(try daemon.ask("EXISTS s1") == "OK true")
      #expect(try output(daemon, "flush", "--yes").contains("1"))
      #expect(try daemon.ask("EXISTS s1") == "OK false")
    }
  }

  @Test("the socket can be named in the environment")
  func environment() throws {
    try withDaemon { daemon in
      let named = try run(Programs.sessionctl, ["ping"], environment: ["SESSIOND_SOCKET": daemon.socketPath])
      #expect(named.standardOutput == "pong\n")
      let found = try run(
        Programs.sessionctl, ["ping"], environment: ["XDG_RUNTIME_DIR": daemon.directory.path])
      #expect(found.standardOutput == "pong\n")
    }
  }

  // MARK: Exit codes

  @Test(
    "no such session: status 1, one line that names it",
    arguments: [
      ["get", "nobody"], ["get", "nobody", "a"], ["peek", "nobody"], ["mget", "nobody", "a"],
      ["del", "nobody"],
      ["ttl", "nobody"], ["expire", "nobody", "5"], ["info", "nobody"],
    ])
  func missing(arguments: [String]) throws {
    let result = try withDaemon { daemon in
      try run(Programs.sessionctl, ["--socket", daemon.socketPath] + arguments)
    }
    #expect(result.status == .exited(1))
    #expect(result.errorLines.count == 1)
    #expect(result.standardError.contains("nobody"))
  }

  @Test(
    "a command line that makes no sense: status 2",
    arguments: [
      ["nosuch"], ["get"], ["set", "s1"], ["set", "s1", "a"], ["mset", "s1", "{"], ["mset", "s1", "word"],
      ["expire", "s1", "never"], ["incr", "s1", "n", "x"], ["set", "s1", "a", "1", "--if", "x"], ["get", ""],
      ["set", "s1", "", "1"], ["get", "a\nb"], ["--no-such-option", "ping"], ["ping", "extra"],
      ["dump", "extra"], ["load"], ["load", "a", "b"], ["load", "-", "--if-new"], ["metrics", "--json"],
      ["metrics", "--label", "x"], ["metrics", "--label", "le=1"],
      ["metrics", "--label", "a=1", "--label", "a=2"],
    ])
  func usage(arguments: [String]) throws {
    try withDaemon { daemon in
      let result = try run(Programs.sessionctl, ["--socket", daemon.socketPath] + arguments)
      #expect(result.status == .exited(2), "\(result.standardError)")
      #expect(!result.standardError.isEmpty)
      #expect(result.standardOutput.isEmpty)
      #expect(try daemon.ask("STATS").number("sessions") == 0)
    }
  }

  @Test("words that are not UTF-8 are refused: nothing is sent, and no two ids become one")
  func brokenText() throws {
    try withDaemon { daemon in
      let script = #"exec "$0" --socket "$1" set "$(printf 'bad\377')" k 1"#
      let result = try run("sh", ["-c", script, Programs.sessionctl, daemon.socketPath])
      #expect(result.status == .exited(2))
      #expect(result.errorLines == [#"Argument 4 is not UTF-8: bad\xff. Nothing was sent."#])
      #expect(result.standardOutput.isEmpty)
      #expect(try daemon.ask("STATS").number("sessions") == 0)
    }
  }

  @Test(
    "what can't be written is no success, however long it is",
    .enabled(if: Files.status("/dev/full") != nil),
    arguments: [
      ["metrics"], ["stats"], ["stats", "--json"], ["new"], ["list"], ["list", "--json"], ["--version"],
      ["--help"], ["top", "--help"],
    ])
  func fullDisk(arguments: [String]) throws {
    try withDaemon { daemon in
      _ = try daemon.ask("SET s1 a 1").version
      let errors = daemon.directory.file("errors")
      let child = try ChildProcess(
        program: Programs.sessionctl, arguments: ["--socket", daemon.socketPath] + arguments,
        environment: Programs.plainEnvironment, standardOutput: "/dev/full", standardError: errors)
      defer { child.stop() }
      #expect(try child.waitForExit() == .exited(4))
      #expect(try Files.text(errors).contains("Standard output can't be written"))
    }
  }

  @Test("nothing is sent where standard output is closed, nor written into the connection in its place")
  func closedOutput() throws {
    try withDaemon { daemon in
      let arguments = ["-c", "\"$0\" \"$@\" >&-", Programs.sessionctl, "--socket", daemon.socketPath]
      let result = try run("/bin/sh", arguments + ["set", "s1", "a", "1"])
      #expect(result.status == .exited(4))
      #expect(result.standardError == "Standard output is closed. Nothing was sent.\n")
      #expect(try daemon.ask("EXISTS s1") == "OK false")
      #expect(try daemon.ask("STATS").number("unknown") == 0)
    }
  }

  @Test("no daemon: status 3, and one line that says how to start one")
  func noDaemon() throws {
    try TemporaryDirectory.with { directory in
      let path = directory.file("sessiond.sock")
      let nothing = try run(Programs.sessionctl, ["--socket", path, "ping"])
      #expect(nothing.status == .exited(3))
      #expect(nothing.errorLines.count == 1)
      #expect(nothing.standardError.contains(path))
      #expect(nothing.standardError.contains("systemctl start sessiond"))

      let daemon = try DaemonProcess.start(in: directory, DaemonOptions())
      daemon.kill()
      let stale = try run(Programs.sessionctl, ["--socket", path, "get", "s1"])
      #expect(stale.status == .exited(3))
      #expect(stale.errorLines.count == 1)
      // Half an array is nothing for a program.
      #expect(try run(Programs.sessionctl, ["--socket", path, "list", "--json"]).standardOutput.isEmpty)
    }
  }

  @Test("--help of the program and of each command ends with 0 and shows an example or its arguments")
  func help() throws {
    let commands = [
      "ping", "get", "peek", "set", "mset", "del", "incr", "ttl", "expire", "touch", "info", "list", "stats",
      "metrics",
      "flush", "why", "new", "rename", "revoke", "revoke-all", "tag", "untag", "tagged", "watch", "dump",
      "load", "top", "doctor",
    ]
    let whole = try run(Programs.sessionctl, ["--help"])
    #expect(whole.status == .exited(0))
    for command in commands {
      #expect(whole.standardOutput.contains("  \(command) "), "\(command)")
      let one = try run(Programs.sessionctl, [command, "--help"])
      #expect(one.status == .exited(0))
      #expect(one.standardOutput.contains("USAGE: sessionctl \(command)"))
      expectFilledLines(try #require(one.standardOutput.split(separator: "\nUSAGE: ").first), command)
    }
  }

  /// A line ends where the next word had no room, unless a paragraph or an example begins behind it.
  private func expectFilledLines(_ overview: Substring, _ command: String) {
    let lines = overview.split(separator: "\n", omittingEmptySubsequences: false)
    for (line, next) in zip(lines, lines.dropFirst()) where !line.isEmpty && !line.hasPrefix(" ") {
      guard let word = next.split(separator: " ").first, !next.hasPrefix(" ") else { continue }
      #expect(line.count + 1 + word.count >= 80, "\(command): \(line)")
    }
  }
}
