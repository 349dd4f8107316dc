import CLinux
import Glibc
import Testing

@Suite("sessionctl watch")
struct SessionctlWatchTests {
  /// A watch that runs, and what it has printed.
  private struct Running {
    let child: ChildProcess
    let output: String
    let errors: String

    init(_ daemon: DaemonProcess, _ arguments: String..., output: String? = nil) throws {
      self.output = output ?? daemon.directory.file("watched")
      errors = daemon.directory.file("errors")
      child = try ChildProcess(
        program: Programs.sessionctl, arguments: ["--socket", daemon.socketPath, "watch"] + arguments,
        environment: Programs.plainEnvironment, standardOutput: self.output, standardError: errors)
    }

    func lines() throws -> [String] { try Files.text(output).split(separator: "\n").map(String.init) }

    /// Waits until so many whole lines were printed.
    func lines(_ count: Int) throws -> [String] {
      try eventually("\(count) lines are printed") {
        try Files.text(output).utf8.count { $0 == UInt8(ascii: "\n") } >= count
      }
      return try lines()
    }

    func interrupt(_ signal: Int32 = SIGINT) throws {
      try child.signal(signal)
      #expect(try child.waitForExit() == .exited(0))
      #expect(try Files.text(errors) == "")
    }
  }

  /// The number of the last event; the daemon keeps those that follow.
  private func lastEvent(_ daemon: DaemonProcess) throws -> UInt64 {
    try Watcher(daemon, "nobody").start
  }

  @Test("prints a line an event, in their order, of the sessions named")
  func someSessions() throws {
    try withDaemon { daemon in
      let start = try lastEvent(daemon)
      let watch = try Running(daemon, "s1", "s2", "--since", "\(start)")
      let version = try daemon.ask("SET s1 a 1").version
      _ = try daemon.ask("SET other a 1").version
      _ = try daemon.ask("RENAME s1 s2")
      _ = try daemon.ask("REVOKE s2")
      let lines = try watch.lines(3)
      #expect(
        lines == [
          "\(start + 1)  set     s1  version \(version)",
          "\(start + 3)  rename  s1 to s2  version \(version + 2)",
          "\(start + 4)  revoke  s2  version \(version + 2)",
        ])
      try watch.interrupt()
    }
  }

  @Test("prints what the daemon tells of all sessions as NDJSON")
  func allAsJSON() throws {
    try withDaemon { daemon in
      let start = try lastEvent(daemon)
      let watch = try Running(daemon, "--all", "--json", "--since", "\(start)")
      let raw = try Watcher(daemon, "*").connection
      for line in [
        #"SET "a \"b\"" a 1"#, #"RENAME "a \"b\"" s2"#, "TAG s2 t", "SET s3 a TTL 0.01 1", "DEL s2",
      ] {
        #expect(try daemon.ask(line).hasPrefix("OK "), "\(line)")
      }
      let lines = try watch.lines(6)
      var told: [String] = []
      for _ in 0..<6 { told.append(String(try raw.reply().dropFirst("EVENT ".count))) }
      #expect(lines == told)
      try watch.interrupt(SIGTERM)
    }
  }

  @Test("goes on over a restart, and says that events were missed")
  func restart() throws {
    try withDaemon { daemon in
      let start = try lastEvent(daemon)
      let watch = try Running(daemon, "--all", "--since", "\(start)")
      _ = try daemon.ask("SET s1 a 1").version
      _ = try watch.lines(1)
      daemon.kill()
      try daemon.restart()
      let next = try watch.lines(2)
      #expect(next[1].contains("  missed "))
      _ = try daemon.ask("SET s2 a 1").version
      let lines = try watch.lines(3)
      #expect(lines.count == 3)
      #expect(lines[2].contains("  set     s2  version "))
      try watch.interrupt()
    }
  }

  @Test("says first that events were missed where the number given is not known")
  func fromTheFuture() throws {
    try withDaemon { daemon in
      let start = try lastEvent(daemon)
      let watch = try Running(daemon, "--all", "--json", "--since", "\(start + 1_000_000)")
      let lines = try watch.lines(1)
      #expect(lines[0].wholeMatch(of: /\{"seq":[0-9]+,"event":"missed"\}/) != nil, "\(lines)")
      try watch.interrupt()
    }
  }

  @Test("ends with 0 when whoever reads its lines goes, whether something happens or not")
  func closedPipe() throws {
    try withDaemon { daemon in
      for happens in [true, false] {
        let fifo = daemon.directory.file("fifo\(happens)")
        try check(mkfifo(fifo, 0o600), "mkfifo")
        let reader = try check(linux_open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0), "open")
        let start = try lastEvent(daemon)
        let watch = try Running(daemon, "--all", "--since", "\(start)", output: fifo)
        _ = try daemon.ask("SET s1 a 1").version
        var byte: UInt8 = 0
        // The first line shows that it is at work.
        try eventually("something is printed") { read(reader, &byte, 1) == 1 }
        close(reader)
        if happens { _ = try daemon.ask("SET s1 a 1").version }
        #expect(try watch.child.waitForExit() == .exited(0))
        #expect(try Files.text(watch.errors) == "")
      }
    }
  }

  @Test(
    "a command line that makes no sense: status 2",
    arguments: [
      [], ["--all", "s1"], ["s1", "--since", "x"], ["s1", "--since", "-1"], [""], ["a\nb"],
    ])
  func usage(arguments: [String]) throws {
    try withDaemon { daemon in
      let result = try daemon.sessionctl(["watch"] + arguments)
      #expect(result.status == .exited(2), "\(result.standardError)")
      #expect(result.standardOutput.isEmpty)
      #expect(!result.standardError.isEmpty)
    }
  }

  @Test("without a daemon it does not wait for one: status 3, one line")
  func noDaemon() throws {
    try TemporaryDirectory.with { directory in
      let result = try run(
        Programs.sessionctl, ["--socket", directory.file("sessiond.sock"), "watch", "--all"])
      #expect(result.status == .exited(3))
      #expect(result.errorLines.count == 1)
    }
  }
}
