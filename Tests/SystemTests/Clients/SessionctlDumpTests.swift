import Glibc
import TestSupport
import Testing

@Suite("sessionctl dump and load")
struct SessionctlDumpTests {
  private static let seed: UInt64 = 20_261_122

  /// A line of a dump that is not over for an hour.
  private func line(_ id: String, _ members: String = "") -> String {
    "{\"session\":\"\(id)\"\(members)}\n"
  }

  private func sorted(_ dump: String) -> [Substring] { dump.split(separator: "\n").sorted() }

  // MARK: There and back

  /// Makes sessions as applications would: with values, tags, times and histories of their own.
  private func fill(_ daemon: DaemonProcess, sessions: Int) throws {
    var random = SplitMix64(seed: Self.seed)
    let connection = try daemon.connect()
    var sent = 0
    for index in 0..<sessions {
      let id = index % 7 == 0 ? "\"s \(index) \\\"é\\\"\"" : "s\(index)"
      var lines = [
        #"MSET \#(id) {"user":"u\#(random.next() % 1000)","n":\#(index),"deep":[[{"a":null}],1.50,-0.0]}"#
      ]
      switch random.next() % 5 {
      case 0: lines.append("EXPIRE \(id) \(1000 + random.next() % 100_000).\(random.next() % 1000)")
      case 1: lines.append("SET \(id) note TTL 4000.0015 \"\\u00e9 \\n \\ud83d\\ude00\"")
      case 2: lines.append("TAG \(id) user:\(random.next() % 50) beta \"t \\\"x\\\"\"")
      case 3: lines.append("DEL \(id) user n deep")
      default: lines.append("INCR \(id) n \(random.next() % 1_000_000)")
      }
      try connection.send(lines.joined(separator: "\n") + "\n")
      sent += lines.count
      if sent > 200 || index == sessions - 1 {
        for _ in 0..<sent { try #require(try connection.reply().hasPrefix("OK"), "seed \(Self.seed)") }
        sent = 0
      }
    }
  }

  @Test("a dump of 20,000 sessions loaded into an empty daemon gives the same dump, byte for byte")
  func equality() throws {
    let sessions = 20_000
    try withDaemon { first in
      try fill(first, sessions: sessions)
      let dump = try first.printed("dump")
      #expect(sorted(dump).count == sessions)
      try withDaemon { second in
        #expect(try second.printed("load", "-", input: dump) == "20,000 sessions loaded\n")
        #expect(sorted(try second.printed("dump")) == sorted(dump), "seed \(Self.seed)")
        // What comes next has versions of its own.
        let last = try first.ask("SET new a 1").version
        #expect(try second.ask("SET new a 1").version >= last)
        #expect(try second.ask("TAGGED \"t \\\"x\\\"\" LIMIT 1").hasPrefix("OK [\""))
        // And once more, from a restart of the second into a third.
        try second.restart()
        let again = try second.printed("dump")
        try withDaemon { third in
          _ = try third.printed("load", "-", input: again)
          #expect(sorted(try third.printed("dump")) == sorted(again), "seed \(Self.seed)")
        }
      }
    }
  }

  @Test("a dump is what DUMP answers of each session that lives, and of no id that is closed")
  func content() throws {
    try withDaemon { daemon in
      #expect(try daemon.printed("dump") == "")
      for line in [
        "MSET s1 TTL 500 {\"a\":[1,2.50]}", "TAG s1 t u", "NEW", "SET s2 a 1", "SET s3 a 1", "SET s4 a 1",
        "REVOKE s2", "RENAME s3 s5 GRACE 100", "DEL s4",
      ] {
        #expect(try daemon.ask(line).hasPrefix("OK "), "\(line)")
      }
      let lines = sorted(try daemon.printed("dump"))
      #expect(lines.count == 3)
      for id in ["s1", "s5"] {
        let answer = try daemon.ask("DUMP \(id)")
        #expect(lines.contains(answer.dropFirst("OK ".count)), "\(answer)")
      }
      // Nothing slid.
      let before = try daemon.ask("DUMP s1")
      _ = try daemon.printed("dump")
      #expect(try daemon.ask("DUMP s1") == before)
    }
  }

  @Test("sessions that come and go while they are dumped disturb nothing")
  func amidChanges() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      for index in 0..<3000 { try connection.send("SET stays\(index) a 1\nSET goes\(index) a 1\n") }
      for _ in 0..<6000 { _ = try connection.reply() }
      let output = daemon.directory.file("dump")
      let child = try ChildProcess(
        program: Programs.sessionctl, arguments: ["--socket", daemon.socketPath, "dump"],
        environment: Programs.plainEnvironment, standardOutput: output,
        standardError: daemon.directory.file("errors"))
      defer { child.stop() }
      for index in 0..<3000 { _ = try connection.request("DEL goes\(index)") }
      #expect(try child.waitForExit() == .exited(0))
      let lines = try Files.text(output).split(separator: "\n")
      #expect(lines.count { $0.hasPrefix(#"{"session":"stays"#) } == 3000)
      #expect(lines.allSatisfy { $0.hasSuffix(#","tags":[],"data":{"a":1}}"#) })
    }
  }

  @Test("a dump that can't be written is no success", .enabled(if: Files.status("/dev/full") != nil))
  func fullDisk() throws {
    try withDaemon { daemon in
      _ = try daemon.ask("SET s1 a 1").version
      let errors = daemon.directory.file("errors")
      let child = try ChildProcess(
        program: Programs.sessionctl, arguments: ["--socket", daemon.socketPath, "dump"],
        environment: Programs.plainEnvironment, standardOutput: "/dev/full", standardError: errors)
      defer { child.stop() }
      #expect(try child.waitForExit() == .exited(4))
      #expect(try Files.text(errors).contains("Standard output can't be written"))
    }
  }

  @Test(
    "who may not dump is told so by that word",
    .enabled(if: Credentials.canChangeUser, "needs root and setpriv, to be two users"))
  func denied() throws {
    try withDaemon("--socket-mode", "0666") { daemon in
      try check(chmod(daemon.directory.path, 0o711), "chmod")
      let result = try run(
        "setpriv", Credentials.asStranger([Programs.sessionctl, "--socket", daemon.socketPath, "dump"]))
      #expect(result.status == .exited(4))
      #expect(result.standardError.contains(": dump wants the role admin"), "\(result.standardError)")
      #expect(result.standardOutput.isEmpty)
    }
  }

  // MARK: Lines that fail

  @Test("bad lines are told by their number, in the daemon's words, and the others are loaded")
  func badLines() throws {
    try withDaemon { daemon in
      let bad: [(text: String, words: String)] = [
        ("hello\n", "byte 1 of the line"), (#"{"session":"b1","data":{"a":}}"# + "\n", "byte 29 of the line"),
        ("[1]\n", "object"), (line("b2", #","idle":-1"#), "idle"), (#"{"version":1}"# + "\n", "session"),
        (line("b3", #","tags":"t""#), "tags"), (line("b4", #","colour":1"#), "colour"),
        (line("b5", #","version":0"#), "version"), ("\u{1}\n", ""),
        (line(String(repeating: "x", count: 256)), "255"), (line("b6", #","session":"b7""#), "twice"),
        (
          line("b8", ",\"tags\":[" + (0..<65).map { "\"\($0)\"" }.joined(separator: ",") + "]"), "64"
        ),
        (line("b9", #","data":{"a":""# + String(repeating: "x", count: 1_100_000) + #""}"#), ""),
      ]
      var input = "\n"
      for (index, entry) in bad.enumerated() { input += entry.text + line("good\(index)") }
      // The last line need not have an end, and may have one of another system.
      input += line("windows").dropLast() + "\r\n  \n" + line("end").dropLast()
      let result = try daemon.sessionctl("load", "-", input: input)
      #expect(result.status == .exited(4))
      #expect(result.standardOutput == "\(bad.count + 2) sessions loaded, \(bad.count) lines failed\n")
      #expect(result.errorLines.count == bad.count + 1)
      for (index, entry) in bad.enumerated() {
        try #require(index < result.errorLines.count)
        let told = result.errorLines[index]
        #expect(told.hasPrefix("line \(2 + 2 * index): "), "\(told)")
        #expect(told.contains(entry.words), "\(told)")
      }
      #expect(result.errorLines.last == "\(bad.count) lines failed.")
      #expect(try daemon.ask("STATS").number("sessions") == Double(bad.count + 2))
      #expect(try daemon.ask("EXISTS windows") == "OK true")
    }
  }

  @Test("--stop-on-error ends at the first bad line, but for what is on its way")
  func stopOnError() throws {
    try withDaemon { daemon in
      var input = line("first") + "bad\n"
      for index in 0..<1000 { input += line("late\(index)") }
      let result = try daemon.sessionctl("load", "-", "--stop-on-error", input: input)
      #expect(result.status == .exited(4))
      #expect(result.errorLines.count == 2)
      #expect(result.errorLines.first?.hasPrefix("line 2: ") == true)
      #expect(result.standardOutput.hasSuffix(", 1 line failed\n"))
      #expect(try daemon.ask("EXISTS first") == "OK true")
      #expect(try daemon.ask("STATS").number("sessions") <= 65)
      let all = try daemon.printed("load", "-", "--stop-on-error", input: line("x"))
      #expect(all == "1 session loaded\n")
    }
  }

  @Test("sessions that exist are left as they are: told, or counted with --skip-existing")
  func existing() throws {
    try withDaemon { daemon in
      let version = try daemon.ask("SET s1 a 1").version
      let input = line("s1", #","data":{"a":2}"#) + line("s2") + line("s2")
      let told = try daemon.sessionctl("load", "-", input: input)
      #expect(told.status == .exited(4))
      #expect(told.standardOutput == "1 session loaded, 2 lines failed\n")
      #expect(told.errorLines.first == "line 1: the session exists already, at version \(version)")
      #expect(told.errorLines.dropFirst().first?.hasPrefix("line 3: the session exists already") == true)
      let skipped = try daemon.printed("load", "-", "--skip-existing", input: input + line("s3"))
      #expect(skipped == "1 session loaded, 3 existed already\n")
      let json = try daemon.printed("load", "-", "--skip-existing", "--json", input: input)
      #expect(json == #"{"loaded":0,"existing":3,"over":0,"failed":0}"# + "\n")
      #expect(try daemon.ask("GET s1 a") == "OK 1")
    }
  }

  @Test("sessions whose time is over are counted, and are no errors")
  func over() throws {
    try withDaemon("--max-lifetime", "1h") { daemon in
      let now = secondsSince1970()
      let input =
        line("s1", ",\"expires\":\(now - 5)")
        + line("s2", ",\"created\":\(now - 3700),\"expires\":\(now + 60)")
        + line("s3", ",\"created\":\(now - 1000),\"expires\":\(now + 1000)")
      let printed = try daemon.printed("load", "-", "--stop-on-error", input: input)
      #expect(printed == "1 session loaded, 2 had ended by their time\n")
      #expect(try daemon.ask("EXISTS s3") == "OK true")
      #expect(try daemon.ask("STATS").number("sessions") == 1)
    }
  }

  private func secondsSince1970() -> Int { time(nil) }

  @Test("a closed id stays closed: its line fails")
  func revoked() throws {
    try withDaemon { daemon in
      _ = try daemon.ask("REVOKE s1")
      let result = try daemon.sessionctl("load", "-", "--skip-existing", input: line("s1"))
      #expect(result.status == .exited(4))
      #expect(result.errorLines.first?.hasPrefix("line 1: ") == true)
      #expect(result.errorLines.first?.contains("revoked") == true)
    }
  }

  @Test("of the lines of one session the first is loaded, however many are in flight")
  func inOrder() throws {
    try withDaemon { daemon in
      var input = ""
      for index in 0..<500 {
        for copy in 0..<4 { input += line("s\(index)", #","data":{"copy":\#(copy)}"#) }
      }
      let printed = try daemon.printed("load", "-", "--skip-existing", input: input)
      #expect(printed == "500 sessions loaded, 1,500 existed already\n")
      let dump = try daemon.printed("dump").split(separator: "\n")
      #expect(dump.count == 500)
      #expect(dump.allSatisfy { $0.hasSuffix(#""data":{"copy":0}}"#) })
    }
  }
}
