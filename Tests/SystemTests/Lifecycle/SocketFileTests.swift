import Glibc
import Testing

@Suite("The socket file: never wider than asked, never stolen, never left behind")
struct SocketFileTests {
  // MARK: Mode and group

  @Test(
    "its mode is 0660, or what --socket-mode says",
    arguments: [(nil, 0o660), ("0600", 0o600), ("0666", 0o666)])
  func mode(option: String?, mode: mode_t) throws {
    let options = DaemonOptions(arguments: option.map { ["--socket-mode", $0] } ?? [], prelude: "umask 0")
    try withDaemon(options) { daemon in
      #expect(Files.mode(daemon.socketPath) == mode)
    }
  }

  // Needs root: nobody else may give a file to another group.
  @Test("its group is what --socket-group says", .enabled(if: Programs.isRoot && getgrnam("daemon") != nil))
  func group() throws {
    try withDaemon("--socket-group", "daemon") { daemon in
      #expect(Files.status(daemon.socketPath)?.st_gid == getgrnam("daemon").pointee.gr_gid)
      #expect(Files.mode(daemon.socketPath) == 0o660)
    }
  }

  @Test("it is never seen with a wider mode, not even for an instant under umask 0", arguments: 1...5)
  func neverWider(round: Int) throws {
    try watchModes(DaemonOptions(arguments: ["--socket-mode", "0600"], prelude: "umask 0"))
  }

  // strace stretches the instant between bind, chmod and listen; it has to be there and allowed to trace.
  @Test(
    "it is never seen with a wider mode, however long the calls around bind take",
    .enabled(if: Tracing.isPossible))
  func neverWiderWhenSlow() throws {
    let delays = ["chmod", "fchmod", "fchmodat", "listen", "umask"].flatMap {
      ["-e", "inject=?\($0):delay_enter=100000"]
    }
    try watchModes(
      DaemonOptions(
        arguments: ["--socket-mode", "0600"], prelude: "umask 0",
        wrapper: Tracing.command + ["-qqq", "-o", "/dev/null"] + delays))
  }

  /// Looks at the file all the while until the daemon answers.
  private func watchModes(_ options: DaemonOptions) throws {
    try TemporaryDirectory.with { directory in
      let daemon = try DaemonProcess(launching: directory, options)
      defer { daemon.kill() }
      var seen: Set<mode_t> = []
      try eventually("the daemon answers") {
        for _ in 0..<2000 {
          if let mode = Files.mode(daemon.socketPath) { seen.insert(mode) }
        }
        return (try? daemon.ask("PING")) == #"OK "pong""#
      }
      if let mode = Files.mode(daemon.socketPath) { seen.insert(mode) }
      #expect(seen.contains(0o600))
      #expect(seen.allSatisfy { $0 & ~0o600 == 0 }, "\(seen.map { String($0, radix: 8) })")
    }
  }

  // MARK: Taking over

  @Test("after kill -9 the file is left, and the next daemon takes it over")
  func stale() throws {
    try withDaemon { daemon in
      daemon.kill()
      #expect(Files.isSocket(daemon.socketPath))
      #expect(throws: SystemCallError.self) { try daemon.connect() }
      try daemon.restart()
      #expect(try daemon.ask("PING") == #"OK "pong""#)
    }
  }

  @Test("a second daemon on a live socket ends with status 75 and the first one's pid, and disturbs nothing")
  func alive() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      _ = try connection.request("SET s1 a 1").version
      let before = Files.status(daemon.socketPath)?.st_ino
      let second = try run(
        Programs.sessiond, ["--socket", daemon.socketPath, "--segment", daemon.directory.file("other")])
      #expect(second.status == .exited(75))
      #expect(second.errorLines.count == 1)
      #expect(second.standardError.contains(" (pid \(daemon.pid)) is serving \(daemon.socketPath)\n"))
      #expect(Files.status(daemon.socketPath)?.st_ino == before)
      #expect(try connection.request("GET s1 a") == "OK 1")
      #expect(try daemon.ask("GET s1 a") == "OK 1")
    }
  }

  @Test("a second daemon on the same segment ends with status 75, and makes no socket")
  func sameSegment() throws {
    try withDaemon { daemon in
      let socket = daemon.directory.file("other.sock")
      let second = try run(
        Programs.sessiond, ["--socket", socket, "--segment", daemon.directory.file("segment")])
      #expect(second.status == .exited(75))
      #expect(second.errorLines.count == 1)
      let segment = daemon.directory.file("segment")
      #expect(
        second.standardError.contains("another daemon (pid \(daemon.pid)) has the segment \(segment)\n"))
      #expect(Files.status(socket) == nil)
      #expect(try daemon.ask("PING") == #"OK "pong""#)
    }
  }

  @Test("two that start at the same time over a stale file: one serves, the other ends")
  func race() throws {
    try withDaemon { daemon in
      daemon.kill()
      let segments = ["a", "b"].map { daemon.directory.file($0) }
      let children = try segments.map { segment in
        try ChildProcess(
          program: Programs.sessiond, arguments: ["--socket", daemon.socketPath, "--segment", segment],
          environment: Programs.plainEnvironment, standardOutput: segment + ".out",
          standardError: segment + ".err")
      }
      defer { for child in children { child.stop() } }
      try eventually("one of them ends") { try children.contains { try $0.poll() != nil } }
      let ended = try children.compactMap { try $0.poll() }
      #expect(ended == [.exited(75)])
      try eventually("the other serves") { (try? daemon.ask("PING")) == #"OK "pong""# }
    }
  }

  @Test("a daemon whose socket file was replaced by another daemon's leaves that one there when it stops")
  func replaced() throws {
    try withDaemon { daemon in
      try check(unlink(daemon.socketPath), "unlink")
      try check(unlink(daemon.socketPath + ".lock"), "unlink")
      let other = try ChildProcess(
        program: Programs.sessiond,
        arguments: ["--socket", daemon.socketPath, "--segment", daemon.directory.file("other")],
        environment: Programs.plainEnvironment, standardOutput: daemon.directory.file("other.out"),
        standardError: daemon.directory.file("other.err"))
      defer { other.stop() }
      try eventually("the other one answers") {
        (try? daemon.ask("STATS").number("pid")) == Double(other.pid)
      }
      try daemon.signal(SIGTERM)
      #expect(try daemon.waitForExit() == .exited(0))
      #expect(try daemon.ask("STATS").number("pid") == Double(other.pid))
    }
  }

  @Test("a socket on which another program answers is left alone")
  func foreignSocket() throws {
    try TemporaryDirectory.with { directory in
      let path = directory.file("sessiond.sock")
      let listener = try Sockets.listener(path)
      defer { close(listener) }
      let before = Files.status(path)?.st_ino
      let result = try run(Programs.sessiond, ["--socket", path, "--segment", directory.file("segment")])
      #expect(result.status == .exited(75))
      #expect(result.errorLines.count == 1)
      #expect(result.standardError.contains("another daemon (pid \(getpid())) is serving \(path)\n"))
      #expect(Files.status(path)?.st_ino == before)
    }
  }

  @Test("a path that is a file, a directory or a symbolic link is refused and left as it is")
  func notASocket() throws {
    try TemporaryDirectory.with { directory in
      try Files.write("precious", to: directory.file("file"))
      try check(mkdir(directory.file("directory"), 0o700), "mkdir")
      try check(symlink("file", directory.file("link")), "symlink")
      try check(symlink("nowhere", directory.file("dangling")), "symlink")
      for name in ["file", "directory", "link", "dangling"] {
        let path = directory.file(name)
        let before = Files.status(path)
        let result = try run(Programs.sessiond, ["--socket", path, "--segment", directory.file("segment")])
        #expect(result.status == .exited(78), "\(name): \(result.standardError)")
        #expect(result.errorLines.count == 1, "\(name)")
        #expect(result.standardError.contains(path), "\(name)")
        #expect(Files.status(path)?.st_ino == before?.st_ino, "\(name)")
      }
      #expect(try Files.text(directory.file("file")) == "precious")
      #expect(Files.status(directory.file("nowhere")) == nil)
    }
  }

  @Test("a path over 107 bytes is refused by its length, not cut")
  func longPath() throws {
    try TemporaryDirectory.with { directory in
      let path = directory.file(String(repeating: "s", count: 107 - directory.path.utf8.count))
      #expect(path.utf8.count == 108)
      let result = try run(Programs.sessiond, ["--socket", path, "--segment", directory.file("segment")])
      #expect(result.status == .exited(78))
      #expect(result.errorLines.count == 1)
      #expect(result.standardError.contains("107"))
      #expect(!Files.names(in: directory.path).contains { $0.hasPrefix("sss") })
    }
  }

  @Test("a path of 107 bytes serves")
  func longestPath() throws {
    try TemporaryDirectory.with { directory in
      let path = directory.file(String(repeating: "s", count: 106 - directory.path.utf8.count))
      #expect(path.utf8.count == 107)
      let child = try ChildProcess(
        program: Programs.sessiond, arguments: ["--socket", path, "--segment", directory.file("segment")],
        environment: Programs.plainEnvironment, standardOutput: directory.file("out"),
        standardError: directory.file("err"))
      defer { child.stop() }
      try eventually("it answers") { (try? RawConnection(path: path).request("PING")) == #"OK "pong""# }
    }
  }

  @Test("a directory that does not exist is one clear line and status 78")
  func noDirectory() throws {
    try TemporaryDirectory.with { directory in
      let path = directory.file("no/such/sessiond.sock")
      let result = try run(Programs.sessiond, ["--socket", path, "--segment", directory.file("segment")])
      #expect(result.status == .exited(78))
      #expect(result.errorLines.count == 1)
      #expect(result.standardError.contains(path))
    }
  }
}
