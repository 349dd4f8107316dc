import CLinux
import Glibc
import Testing

@Suite("sessionctl load, where it is used")
struct SessionctlLoadTests {
  /// A load that runs, with descriptors and files of the test's choice.
  private func start(
    _ daemon: DaemonProcess, _ arguments: [String], input: Int32? = nil
  ) throws -> ChildProcess {
    try ChildProcess(
      program: Programs.sessionctl, arguments: ["--socket", daemon.socketPath, "load"] + arguments,
      environment: Programs.plainEnvironment, standardInput: input,
      standardOutput: daemon.directory.file("output"),
      standardError: daemon.directory.file("errors"))
  }

  @Test("reads a file by its name, and says so where it can't")
  func files() throws {
    try withDaemon { daemon in
      let path = daemon.directory.file("sessions.ndjson")
      try Files.write("{\"session\":\"s1\"}\n{\"session\":\"s2\"}\n", to: path)
      #expect(try daemon.printed("load", path) == "2 sessions loaded\n")
      try Files.write("", to: path)
      #expect(try daemon.printed("load", path) == "0 sessions loaded\n")
      for unreadable in [daemon.directory.file("none"), daemon.directory.path] {
        let result = try daemon.sessionctl("load", unreadable)
        #expect(result.status == .exited(2))
        #expect(result.standardOutput.isEmpty)
        #expect(result.errorLines.count == 1)
        #expect(result.standardError.contains(unreadable))
      }
    }
  }

  @Test("without a daemon: status 3, one line")
  func noDaemon() throws {
    try TemporaryDirectory.with { directory in
      for arguments in [["dump"], ["load", "-"]] {
        let result = try run(
          Programs.sessionctl, ["--socket", directory.file("sessiond.sock")] + arguments,
          input: "{\"session\":\"s1\"}\n")
        #expect(result.status == .exited(3))
        #expect(result.standardOutput.isEmpty)
        #expect(result.errorLines.count == 1)
      }
    }
  }

  @Test(
    "who is no admin is told once, not line by line",
    .enabled(if: Credentials.canChangeUser, "needs root and setpriv, to be two users"))
  func denied() throws {
    try withDaemon(DaemonOptions(arguments: ["--socket-mode", "0666"])) { daemon in
      try check(chmod(daemon.directory.path, 0o711), "chmod")
      for arguments in [["load", "-"], ["dump"], ["watch", "--all"]] {
        let result = try run(
          "setpriv",
          Credentials.asStranger([Programs.sessionctl, "--socket", daemon.socketPath] + arguments),
          input: (0..<100).map { "{\"session\":\"s\($0)\"}\n" }.joined())
        #expect(result.status == .exited(4))
        #expect(result.standardOutput.isEmpty)
        #expect(result.errorLines.count == 1, "\(result.standardError)")
        #expect(result.standardError.contains("admin"))
      }
    }
  }

  @Test("says at once what is wrong with a line, while the next one is waited for")
  func slowInput() throws {
    try withDaemon { daemon in
      let pipe = try Pipe()
      let child = try start(daemon, ["-"], input: pipe.readEnd)
      defer { child.stop() }
      let errors = daemon.directory.file("errors")
      for number in 1...3 {
        let text = Array("bad\n".utf8)
        try check(write(pipe.writeEnd, text, text.count), "write")
        try eventually("line \(number) is told") {
          (try? Files.text(errors))?.contains("line \(number): ") == true
        }
      }
      pipe.closeWriteEnd()
      #expect(try child.waitForExit() == .exited(4))
    }
  }

  @Test("a line that never ends takes no memory without bound: it is told, and the next one is loaded")
  func endlessLine() throws {
    try withDaemon { daemon in
      let pipe = try Pipe()
      let child = try start(daemon, ["-"], input: pipe.readEnd)
      defer { child.stop() }
      let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
      for _ in 0..<160 {
        var rest = chunk[...]
        while !rest.isEmpty {
          let count = try check(
            rest.withUnsafeBytes { write(pipe.writeEnd, $0.baseAddress, $0.count) }, "write")
          rest = rest.dropFirst(count)
        }
      }
      let facts = ProcessFacts(pid: child.pid)
      #expect(try facts.residentBytes < 300 << 20)
      let end = Array("\n{\"session\":\"s1\"}\n".utf8)
      try check(write(pipe.writeEnd, end, end.count), "write")
      pipe.closeWriteEnd()
      #expect(try child.waitForExit(within: 60) == .exited(4))
      #expect(
        try Files.text(daemon.directory.file("errors")).hasPrefix(
          "line 1: the line is longer than 64.0 MiB\n"))
      #expect(try Files.text(daemon.directory.file("output")) == "1 session loaded, 1 line failed\n")
    }
  }

  @Test(
    "shows how far it is on a terminal, and clears that away for what it has to say",
    .enabled(if: Programs.has("script"), "needs script(1), for a terminal"))
  func progress() throws {
    try withDaemon { daemon in
      let path = daemon.directory.file("sessions.ndjson")
      try Files.write((0..<20_000).map { "{\"session\":\"s\($0)\"}\n" }.joined() + "bad\n", to: path)
      let command = "\(Programs.sessionctl) --socket \(daemon.socketPath) load \(path)"
      let result = try run("script", ["-qec", command, "/dev/null"])
      #expect(result.status == .exited(4))
      let shown = result.standardOutput.replacing("\r\n", with: "\n")
      let clear = "\r\u{1B}[K"
      #expect(shown.contains("\(clear)[") && shown.contains(" %") && shown.contains(" lines"))
      #expect(shown.contains("\(clear)line 20001: "), "\(shown.suffix(300))")
      #expect(shown.hasSuffix("\n20,000 sessions loaded, 1 line failed\n1 line failed.\n"))
    }
  }

  @Test("a daemon that goes down amid the lines is told with the line, and the rest can be loaded afterwards")
  func lostDaemon() throws {
    try withDaemon { daemon in
      let pipe = try Pipe()
      let child = try start(daemon, ["-"], input: pipe.readEnd)
      defer { child.stop() }
      func send(_ id: String) throws {
        let line = Array("{\"session\":\"\(id)\"}\n".utf8)
        try check(write(pipe.writeEnd, line, line.count), "write")
      }
      try send("s1")
      try eventually("the first line is loaded") { try daemon.ask("EXISTS s1") == "OK true" }
      daemon.kill()
      try send("s2")
      // The line may have been on its way when the connection broke.
      #expect([.exited(3), .exited(4)].contains(try child.waitForExit()))
      let errors = try Files.text(daemon.directory.file("errors"))
      #expect(errors.hasPrefix("line 2: ") && errors.contains("--skip-existing"), "\(errors)")
      #expect(try Files.text(daemon.directory.file("output")) == "1 session loaded\n")
      try daemon.restart()
      let input = "{\"session\":\"s1\"}\n{\"session\":\"s2\"}\n"
      #expect(
        try daemon.printed("load", "-", "--skip-existing", input: input)
          == "1 session loaded, 1 existed already\n")
    }
  }
}
