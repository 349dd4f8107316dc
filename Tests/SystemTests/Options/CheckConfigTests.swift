import Glibc
import Testing

@Suite("--check-config says whether a daemon could start, and starts none")
struct CheckConfigTests {
  private func check(
    _ directory: TemporaryDirectory, _ arguments: [String] = [], environment: [String: String] = [:],
    configuration: String = ""
  ) throws -> ProgramResult {
    try Files.write(configuration, to: directory.file("conf"))
    let before = Files.names(in: directory.path).sorted()
    let result = try run(
      Programs.sessiond,
      [
        "--check-config", "--config", directory.file("conf"), "--socket", directory.file("socket"),
        "--segment",
        directory.file("segment"),
      ] + arguments, environment: environment)
    #expect(Files.names(in: directory.path).sorted() == before, "it makes no file")
    return result
  }

  private static var temporaryFilesAreOnDisk: Bool {
    get throws {
      let type = try run("stat", ["-f", "-c", "%T", "/tmp"]).standardOutput
      return !["tmpfs\n", "ramfs\n"].contains(type)
    }
  }

  @Test("a good one: each setting as it was understood with its place, and status 0")
  func good() throws {
    try TemporaryDirectory.with { directory in
      let result = try check(
        directory, ["--flush-every", "1"], environment: ["SESSIOND_MAX_LIFETIME": "1440m"],
        configuration: "# sessions\nttl = 90\nmax_memory=64M\n")
      #expect(result.status == .exited(0), "\(result.standardError)")
      #expect(result.outputLines.last == "The configuration is good.")
      let rows = result.outputLines.map { $0.split(separator: " ").map(String.init) }
      let file = directory.file("conf")
      for row in [
        ["flush-every", "1s", "--flush-every"], ["max-lifetime", "1d", "SESSIOND_MAX_LIFETIME"],
        ["ttl", "90s", "\(file),", "line", "2"], ["max-memory", "64M", "\(file),", "line", "3"],
        ["log-level", "info", "default"], ["socket", directory.file("socket"), "--socket"],
      ] {
        #expect(rows.contains(row), "\(row)")
      }
      #expect(result.standardError.isEmpty, "\(result.standardError)")
    }
  }

  @Test("the defaults are those that stand, commented out, in the file that is installed, each setting once")
  func defaults() throws {
    // The file is the service's, for which systemd sets these. Whether its directories are there is of no account: the
    // settings are told in any case.
    let environment = ["RUNTIME_DIRECTORY": "/run/sessiond", "STATE_DIRECTORY": "/var/lib/sessiond"]
    let command = [
      "-u", "SESSIOND_SEGMENT_ON_DISK", Programs.sessiond, "--check-config", "--config", "/dev/null",
    ]
    let result = try run("env", command, environment: environment)
    var defaults: [String: String] = [:]
    for line in result.outputLines {
      let words = line.split(separator: " ")
      guard words.count > 2, words.last == "default" else { continue }
      let value = words.dropFirst().dropLast().joined(separator: " ")
      // What is nothing has no text, and is told in parentheses.
      defaults[String(words[0])] = value.hasPrefix("(") ? "" : value
    }
    var commented: [String: String] = [:]
    let file = try Files.text("\(Programs.sourceRoot)/systemd/sessiond.conf")
    for line in file.split(separator: "\n") where !line.hasPrefix("# ") {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      try #require(line.hasPrefix("#") && parts.count == 2, "\(line)")
      let isTwice = commented.updateValue(String(parts[1]), forKey: String(parts[0].dropFirst())) != nil
      #expect(!isTwice, "\(line)")
    }
    #expect(defaults.count > 20, "\(result.standardError)")
    #expect(commented.keys.sorted() == defaults.keys.sorted())
    // The socket is systemd's own, and how many threads there are is the machine's affair, which has few cores perhaps.
    #expect(commented["threads"] == "4")
    for (name, value) in defaults where name != "socket" && name != "threads" {
      #expect(commented[name] == value, "\(name)")
    }
  }

  @Test("a report that can't be written is no success", .enabled(if: Files.status("/dev/full") != nil))
  func full() throws {
    try TemporaryDirectory.with { directory in
      let child = try ChildProcess(
        program: Programs.sessiond,
        arguments: ["--check-config", "--config", "/dev/null", "--socket", directory.file("socket")],
        environment: Programs.plainEnvironment, standardOutput: "/dev/full",
        standardError: directory.file("err"))
      defer { child.stop() }
      #expect(try child.waitForExit(within: 30) == .exited(74))
      let complaint = try Files.text(directory.file("err"))
      #expect(complaint.contains("standard output can't be written: No space left"))
    }
  }

  @Test(
    "a segment on a disk: status 78 where its path was given, unless it is allowed",
    .enabled(if: try Self.temporaryFilesAreOnDisk, "temporary directories are in memory here"))
  func disk() throws {
    try TemporaryDirectory.with { directory in
      let refused = try check(directory, environment: ["SESSIOND_SEGMENT_ON_DISK": "refuse"])
      #expect(refused.status == .exited(78))
      #expect(
        refused.errorLines == [
          "--segment: '\(directory.file("segment"))' is on a disk, which all changes of sessions wear and slow down; "
            + "better a tmpfs, such as /run, or segment-on-disk=allow"
        ])
      #expect(try check(directory, ["--segment-on-disk", "allow"]).standardError.isEmpty)
    }
  }

  @Test("a bad one: every error with its place, and status 78, as a start has it")
  func bad() throws {
    try TemporaryDirectory.with { directory in
      let environment = ["SESSIOND_TLL": "5m", "SESSIOND_SHARDS": "3"]
      let result = try check(
        directory, ["--ttl", "2h"], environment: environment, configuration: "max-lifetime=1h\nmax-lien=64K\n"
      )
      #expect(result.status == .exited(78))
      #expect(result.standardOutput.isEmpty)
      let lines = result.errorLines
      #expect(lines.count == 4, "\(lines)")
      for part in [
        "line 2: there is no setting 'max-lien'; did you mean 'max-line'?",
        "SESSIOND_TLL: there is no such setting; did you mean SESSIOND_TTL?",
        "SESSIOND_SHARDS: '3' is not a power of two", "--ttl: '2h' is more than max-lifetime, which is 1h",
      ] {
        #expect(lines.contains { $0.contains(part) }, "\(part) in \(lines)")
      }
      let start = try run(
        Programs.sessiond,
        [
          "--config", directory.file("conf"), "--socket", directory.file("socket"), "--segment",
          directory.file("segment"), "--ttl", "2h",
        ], environment: environment)
      #expect(start.status == .exited(78))
      #expect(start.errorLines.map { $0.drop { $0 != ">" }.dropFirst() } == lines)
      #expect(Files.names(in: directory.path) == ["conf"])
    }
  }

  @Test("what only the machine can tell: files that can't be made, a group that is not there")
  func machine() throws {
    try TemporaryDirectory.with { directory in
      let result = try run(
        Programs.sessiond,
        [
          "--check-config", "--config", "/dev/null", "--socket", directory.file("no/socket"), "--segment",
          directory.file("none/segment"), "--store", "sqlite:\(directory.file("not/sessions.db"))",
          "--socket-group", "no such group",
        ])
      #expect(result.status == .exited(78))
      for part in [
        "--socket: '\(directory.file("no/socket"))' can't be made", "--segment: '", "--store: '",
        "--socket-group: there is no group 'no such group'",
      ] {
        #expect(result.standardError.contains(part), "\(part)")
      }
      #expect(Files.names(in: directory.path).isEmpty)
    }
  }

  @Test(
    "what is in the way of its files: status 78 and one line, which the start says, too; nothing is changed",
    arguments: ["segment", "socket", "store"], [true, false])
  func obstacle(setting: String, isDirectory: Bool) throws {
    try TemporaryDirectory.with { directory in
      let path = directory.file("x")
      if isDirectory {
        try SystemTests.check(mkdir(path, 0o700), "mkdir")
      } else {
        try Files.write("precious, and longer than the word that a segment begins with\n", to: path)
      }
      let arguments = ["--\(setting)", setting == "store" ? "sqlite:\(path)" : path]
      let result = try check(directory, arguments)
      #expect(result.status == .exited(78))
      let lines = result.errorLines.filter { !$0.hasPrefix("warning: ") }
      #expect(lines.count == 1 && lines[0].hasPrefix("--\(setting): "), "\(lines)")
      let start = try run(
        Programs.sessiond,
        [
          "--config", directory.file("conf"), "--socket", directory.file("socket"), "--segment",
          directory.file("segment"),
        ] + arguments, within: 10)
      #expect(start.status == .exited(78))
      #expect(start.errorLines.map { $0.drop { $0 != ">" }.dropFirst() } == lines)
      if !isDirectory { #expect(try Files.text(path).hasPrefix("precious")) }
    }
  }

  @Test("a pipe as the file is refused at once, and nobody waits for who writes to it")
  func pipe() throws {
    try TemporaryDirectory.with { directory in
      let path = directory.file("pipe")
      try SystemTests.check(mkfifo(path, 0o600), "mkfifo")
      let arguments = ["--socket", directory.file("socket"), "--segment", directory.file("segment")]
      for more in [["--check-config"], []] {
        let result = try run(
          Programs.sessiond, arguments + more, environment: ["SESSIOND_CONFIG": path], within: 10)
        #expect(result.status == .exited(78))
        #expect(result.errorLines.count == 1)
        #expect(
          result.standardError.contains("SESSIOND_CONFIG: '\(path)' can't be read: it is no regular file"))
      }
    }
  }

  @Test(
    "more memory than the tmpfs has is refused, by a start, too; the default is not, and told",
    .enabled(
      if: SmallFileSystem.isPossible,
      "needs root, unshare, nsenter and mount, to mount a small file system for the daemon alone"))
  func tmpfs() throws {
    try TemporaryDirectory.with { directory in
      let files = try SmallFileSystem(in: directory, mebibytes: 16)
      let arguments = ["--socket", directory.file("socket"), "--segment", directory.file("small/segment")]
      func sessiond(_ more: [String]) throws -> ProgramResult {
        let command = files.wrapper + [Programs.sessiond, "--config", "/dev/null"] + arguments + more
        return try run(command[0], Array(command.dropFirst()))
      }
      let refused =
        "--max-memory: '17M' is too much: the tmpfs of the segment \(directory.file("small/segment")) has 16M"
      for more in [["--check-config"], []] {
        let result = try sessiond(["--max-memory", "17M"] + more)
        #expect(result.status == .exited(78))
        #expect(
          result.errorLines.count == 1 && result.standardError.contains(refused), "\(result.standardError)")
      }
      let fits = try sessiond(["--max-memory", "16M", "--check-config"])
      #expect(fits.status == .exited(0) && fits.standardError.isEmpty, "\(fits.standardError)")
      let byDefault = try sessiond(["--check-config"])
      #expect(byDefault.status == .exited(0))
      #expect(byDefault.standardError.contains("warning: max-memory: the default, 256M, is never reached"))
    }
  }
}
