import Testing

@Suite("Bad options end the daemon before it makes anything, with one clear line")
struct BadOptionTests {
  struct BadSetting: CustomTestStringConvertible {
    let name: String
    let values: [String]
    var testDescription: String { name }
    var variable: String { "SESSIOND_" + name.uppercased().replacing("-", with: "_") }
  }

  private static let settings = [
    BadSetting(
      name: "ttl",
      values: ["0", "-1", "1x", "never", "1e3", "10 m", "99999999999d", "9223372036854775808", "ms"]),
    BadSetting(name: "max-lifetime", values: ["-1", "soon", "99999999999d"]),
    BadSetting(name: "max-memory", values: ["0", "-1", "x", "99999999999G", "1Q", "M", "1.5.5M"]),
    BadSetting(name: "threads", values: ["0", "-1", "x", "1000000"]),
    BadSetting(name: "busy-poll", values: ["20", "-1", "x", "2ms", "20ns"]),
    BadSetting(name: "shards", values: ["0", "-1", "x", "1000000000"]),
    BadSetting(name: "max-connections", values: ["0", "-1", "x", "99999999999999999999"]),
    BadSetting(name: "max-connections-per-user", values: ["0", "-1", "x"]),
    BadSetting(name: "max-line", values: ["0", "-1", "x", "99999999999G"]),
    BadSetting(name: "max-session", values: ["0", "-1", "x", "99999999999G"]),
    BadSetting(name: "line-timeout", values: ["-1", "x", "99999999999d"]),
    BadSetting(name: "log-level", values: ["loud", "7"]),
    BadSetting(name: "socket-mode", values: ["9999", "rw-rw----", "-1", "077777"]),
    BadSetting(name: "socket-group", values: ["no such group"]),
    BadSetting(
      name: "store",
      values: ["x", "sqlite:relative.db", "sqlite::memory:", "rediss://h", "redis://u:p@h", "unix:r.sock"]),
    BadSetting(name: "durability", values: ["x", "through"]),
    BadSetting(name: "flush-every", values: ["0", "61s", "off"]),
    BadSetting(name: "store-queue", values: ["0", "-1", "x"]),
    BadSetting(name: "store-timeout", values: ["0", "1ms", "2m"]),
    BadSetting(name: "cache-ttl", values: ["0", "-1", "x"]),
    BadSetting(name: "stale-for", values: ["0", "-1", "x", "1m"]),
  ]

  /// Runs a daemon that must not start.
  private func refusal(
    _ directory: TemporaryDirectory, _ options: DaemonOptions
  ) throws -> (status: ExitStatus, lines: [Substring]) {
    let daemon = try DaemonProcess(launching: directory, options)
    defer { daemon.kill() }
    let status = try daemon.waitForExit()
    #expect(Files.status(daemon.socketPath) == nil)
    return (status, daemon.standardError.split(separator: "\n"))
  }

  @Test(
    "a bad value in the environment or in the file: status 78, and one line that names the setting",
    arguments: settings)
  func badConfiguration(setting: BadSetting) throws {
    try TemporaryDirectory.with { directory in
      for value in setting.values {
        let all = [
          DaemonOptions(environment: [setting.variable: value]),
          DaemonOptions(configuration: "\(setting.name)=\(value)\n"),
        ]
        for options in all {
          let (status, lines) = try refusal(directory, options)
          #expect(status == .exited(78), "\(setting.name)=\(value)")
          #expect(lines.count == 1, "\(lines)")
          let line = lines.first.map { $0.lowercased().replacing("_", with: "-") } ?? ""
          #expect(line.contains(setting.name), "\(lines)")
        }
      }
    }
  }

  @Test("a bad value of a flag: status 78, and one line that names the flag", arguments: settings)
  func badFlag(setting: BadSetting) throws {
    try TemporaryDirectory.with { directory in
      for value in setting.values {
        let (status, lines) = try refusal(directory, DaemonOptions(arguments: ["--\(setting.name)=\(value)"]))
        #expect(status == .exited(78), "--\(setting.name)=\(value): \(status)")
        #expect(lines.count == 1, "\(lines)")
        #expect(lines.first?.contains(setting.name) == true, "--\(setting.name)=\(value): \(lines)")
      }
    }
  }

  @Test(
    "an unknown flag, one without its value, or a left-over word: status 78, and one line that says which",
    arguments: [["--no-such-flag"], ["word"], ["--ttl"], ["--max-memroy", "1G"]])
  func unknownFlag(arguments: [String]) throws {
    try TemporaryDirectory.with { directory in
      let (status, lines) = try refusal(directory, DaemonOptions(arguments: arguments))
      #expect(status == .exited(78))
      #expect(lines.count == 1, "\(lines)")
      #expect(lines.first?.contains(arguments[0]) == true, "\(lines)")
    }
  }

  @Test("a negative number as a word of its own is the flag's value, and refused as one")
  func negativeNumber() throws {
    try TemporaryDirectory.with { directory in
      let (status, lines) = try refusal(directory, DaemonOptions(arguments: ["--ttl", "-5"]))
      #expect(status == .exited(78))
      #expect(lines.count == 1 && lines[0].contains("--ttl: '-5' is not a time"), "\(lines)")
    }
  }

  @Test("an error of the command line has a priority before it, but not with --check-config")
  func priority() throws {
    let line = try run(Programs.sessiond, ["--no-such-flag"]).standardError
    #expect(line.hasPrefix("<2>command line: "), "\(line)")
    #expect(
      try run(Programs.sessiond, ["--no-such-flag", "--check-config"]).standardError == line.dropFirst(3))
  }

  @Test("control characters reach neither the journal nor the terminal", arguments: [[], ["--check-config"]])
  func controlCharacters(more: [String]) throws {
    for arguments in [["--no-such\u{1B}[31m"], ["--config", "/dev/null", "--ttl", "\u{1B}[31m5"]] {
      let result = try run(Programs.sessiond, arguments + more)
      #expect(result.status == .exited(78))
      #expect(result.standardError.contains(#"\u{1B}[31m"#), "\(result.standardError)")
      #expect(!result.standardError.contains("\u{1B}"))
    }
  }

  @Test(
    "credentials that can't be read: the start names the same setting as the check",
    arguments: [[], ["--check-config"]])
  func credentials(more: [String]) throws {
    try TemporaryDirectory.with { directory in
      let path = directory.file("none")
      let result = try run(
        Programs.sessiond,
        [
          "--config", "/dev/null", "--socket", directory.file("socket"), "--segment",
          directory.file("segment"),
          "--store", "unix:\(directory.file("redis"))", "--store-credentials", path,
        ] + more)
      #expect(result.status == .exited(78))
      #expect(result.standardError.contains("--store-credentials: \(path): "), "\(result.standardError)")
    }
  }

  @Test(
    "a line of the file that is no setting: status 78, and the line's number",
    arguments: ["no-such-setting=1", "ttl", "=5", "ttl 5"])
  func badLine(line: String) throws {
    try TemporaryDirectory.with { directory in
      let (status, lines) = try refusal(directory, DaemonOptions(configuration: "# first\nttl=5s\n\(line)\n"))
      #expect(status == .exited(78))
      #expect(lines.count == 1, "\(lines)")
      #expect(lines.first?.contains("3") == true, "\(lines)")
    }
  }

  @Test("a configuration file that was asked for and is not there: status 78, and its path")
  func noFile() throws {
    try TemporaryDirectory.with { directory in
      let path = directory.file("nothing.conf")
      let (status, lines) = try refusal(directory, DaemonOptions(arguments: ["--config", path]))
      #expect(status == .exited(78))
      #expect(lines.count == 1 && lines[0].contains(path), "\(lines)")
    }
  }
}
