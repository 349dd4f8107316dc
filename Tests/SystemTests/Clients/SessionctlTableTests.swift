import Glibc
import Testing

@Suite("sessionctl prints tables for people")
struct SessionctlTableTests {
  @Test("list: what is known of each session; without a terminal ids alone")
  func list() throws {
    try withDaemon { daemon in
      for index in 0..<150 { _ = try daemon.ask("SET user:\(index) a TTL 1800 1").version }
      #expect(try daemon.ask("TAG user:7 role:admin") == "OK 1")
      let lines = try daemon.printed("list", "--table").split(separator: "\n")
      #expect(lines.count == 151)
      #expect(
        lines[0].split(separator: " ").joined(separator: " ")
          == "session time left idle time age keys memory tags")
      let seventh = try #require(lines.first { $0.hasPrefix("user:7 ") })
      #expect(seventh.contains(" 30m ") && seventh.hasSuffix("  role:admin"), "\(seventh)")
      // Each column is where its title is.
      let age = try #require(lines[0].firstRange(of: "age")).upperBound
      #expect(
        lines.dropFirst().allSatisfy { $0.count > lines[0].distance(from: lines[0].startIndex, to: age) })
      #expect(try daemon.printed("list", "--prefix", "user:7").split(separator: "\n").contains("user:7"))
      #expect(try daemon.printed("list", "--table", "--json", "--prefix", "user:99") == "[\"user:99\"]\n")
      let limited = try daemon.sessionctl("list", "--table", "--limit", "3")
      #expect(limited.outputLines.count == 4)
      #expect(limited.standardError.contains("There are more"))
      #expect(try daemon.sessionctl("list", "--table", "--plain").status == .exited(2))
    }
  }

  @Test("list on a terminal is a table, with colours unless they are not wanted")
  func terminal() throws {
    try withDaemon { daemon in
      _ = try daemon.ask("SET s1 a 1").version
      for (environment, title) in [
        (["TERM": "xterm"], "\u{1B}[1msession\u{1B}[0m"), (["TERM": "xterm", "NO_COLOR": "1"], "session "),
        (["TERM": "dumb"], "session "),
      ] {
        let terminal = try PseudoTerminal(columns: 100, rows: 20)
        let list = try ChildProcess(
          program: Programs.sessionctl, arguments: ["--socket", daemon.socketPath, "list"],
          environment: Programs.plainEnvironment.merging(environment) { $1 }, standardOutput: terminal.path,
          standardError: daemon.directory.file("errors"))
        #expect(try list.waitForExit() == .exited(0))
        #expect(terminal.written.hasPrefix(title), "\(environment)")
        #expect(terminal.written.contains("\u{1B}") == (environment == ["TERM": "xterm"]))
      }
    }
  }

  @Test("why: several sessions below each other, and those of which nothing is known on standard error")
  func why() throws {
    try withDaemon { daemon in
      for session in ["a", "b", "lives"] { _ = try daemon.ask("SET \(session) k 1").version }
      _ = try daemon.ask("DEL a")
      _ = try daemon.ask("REVOKE b")
      let lines = try daemon.printed("why", "a", "b", "--table").split(separator: "\n")
      #expect(lines.count == 3)
      #expect(lines[0].hasPrefix("session  ended"))
      #expect(lines[1].hasPrefix("a        deleted  "))
      #expect(lines[1].contains("process \(getpid())"))
      #expect(lines[2].hasPrefix("b        revoked  ") && lines[2].hasSuffix("its id is closed"))
      let mixed = try daemon.sessionctl("why", "a", "lives", "nobody")
      #expect(mixed.status == .exited(1))
      #expect(mixed.outputLines.count == 1)
      #expect(mixed.errorLines.count == 2)
      let json = try daemon.printed("why", "a", "b", "--json").split(separator: "\n")
      #expect(json.count == 2)
      #expect(json[0].hasPrefix(#"{"session":"a","ended":"deleted","at":"#))
      #expect(try daemon.printed("why", "a", "--json").hasPrefix(#"{"ended":"deleted","at":"#))
    }
  }

  @Test("watch: a row an event below titles that are there at once")
  func watch() throws {
    try withDaemon { daemon in
      let start = try Watcher(daemon, "nobody").start
      let output = daemon.directory.file("watched")
      let watch = try ChildProcess(
        program: Programs.sessionctl,
        arguments: ["--socket", daemon.socketPath, "watch", "--all", "--table", "--since", "\(start)"],
        environment: Programs.plainEnvironment, standardOutput: output,
        standardError: daemon.directory.file("errors"))
      func lines(_ count: Int) throws -> [String] {
        try eventually("\(count) lines are printed") {
          try Files.text(output).utf8.count { $0 == UInt8(ascii: "\n") } >= count
        }
        return try Files.text(output).split(separator: "\n").map(String.init)
      }
      #expect(
        try lines(1)[0].split(separator: " ") == ["time", "event", "number", "event", "version", "session"])
      let version = try daemon.ask("SET s1 a 1").version
      _ = try daemon.ask("RENAME s1 s2")
      let rows = try lines(3)
      #expect(rows[1].hasSuffix("  s1") && rows[1].contains(" \(start + 1)  set "), "\(rows[1])")
      #expect(rows[1].contains("\(version)"))
      #expect(rows[2].hasSuffix("  s1 → s2"))
      try watch.signal(SIGINT)
      #expect(try watch.waitForExit() == .exited(0))
    }
  }

  @Test("ids can't speak to the terminal")
  func hostileIDs() throws {
    try withDaemon { daemon in
      _ = try daemon.ask("SET \"a\u{202E}b\" k 1").version
      #expect(try daemon.printed("list", "--table").contains(#"a\u{202e}b"#))
    }
  }

  /// What a command shows on a terminal.
  private func shown(_ daemon: DaemonProcess, _ arguments: [String]) throws -> String {
    let terminal = try PseudoTerminal(columns: 100, rows: 20)
    let command = try ChildProcess(
      program: Programs.sessionctl, arguments: ["--socket", daemon.socketPath] + arguments,
      environment: Programs.plainEnvironment.merging(["TERM": "dumb"]) { $1 },
      standardOutput: terminal.path, standardError: daemon.directory.file("errors"))
    defer { command.stop() }
    #expect(try command.waitForExit() == .exited(0), "\(arguments)")
    return terminal.written
  }

  @Test(
    "neither ids nor keys, values and tags speak to a terminal; programs get them as they are",
    arguments: [
      ["get", "s", "k\u{202E}"], ["get", "s", "k\u{202E}", "--json"], ["get", "s"], ["get", "s", "--json"],
      ["mget", "s", "k\u{202E}"], ["dump"], ["info", "s"], ["info", "s", "--json"], ["list", "--plain"],
      ["list", "--json"], ["tagged", "t\u{2028}"],
    ])
  func hostileNames(arguments: [String]) throws {
    try withDaemon { daemon in
      _ = try daemon.ask("SET \"i\u{2066}\" k 1").version
      _ = try daemon.ask("SET s \"k\u{202E}\" \"\u{85}\u{9B}2J\u{2029}\"").version
      #expect(try daemon.ask("TAG s \"t\u{2028}\"") == "OK 1")
      #expect(try daemon.ask("TAG \"i\u{2066}\" \"t\u{2028}\"") == "OK 1")
      let hostile: Set<Unicode.Scalar> = [
        "\u{85}", "\u{9B}", "\u{2028}", "\u{2029}", "\u{202E}", "\u{2066}",
      ]
      let text = try shown(daemon, arguments)
      #expect(!text.isEmpty && !text.unicodeScalars.contains { hostile.contains($0) }, "\(text)")
      #expect(text.contains("\\u"), "\(text)")
      #expect(try daemon.printed("list", "--plain").split(separator: "\n").contains("i\u{2066}"))
      #expect(try daemon.printed("get", "s", "--json").contains("k\u{202E}"))
    }
  }
}
