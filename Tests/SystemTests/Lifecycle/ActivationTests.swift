import Glibc
import Testing

@Suite("Socket activation by name, and what stands in its way")
struct ActivationTests {
  private static let ownPid = "export LISTEN_PID=$$"

  private func withListener<Result>(
    _ name: String = "sessiond.sock", _ body: (TemporaryDirectory, Int32) throws -> Result
  ) throws -> Result {
    try TemporaryDirectory.with { directory in
      let listener = try Sockets.listener(directory.file(name))
      defer { close(listener) }
      return try body(directory, listener)
    }
  }

  /// What the daemon's end looks like where it must not start.
  private func refusal(
    in directory: TemporaryDirectory, _ options: DaemonOptions
  ) throws -> (status: ExitStatus, lines: [Substring]) {
    let daemon = try DaemonProcess(launching: directory, options)
    defer { daemon.kill() }
    let status = try daemon.waitForExit()
    return (status, daemon.standardError.split(separator: "\n"))
  }

  @Test("a socket that is passed in is served, and left in place at the end", arguments: ["sessiond", nil])
  func single(name: String?) throws {
    try withListener { directory, listener in
      var options = DaemonOptions(prelude: Self.ownPid, descriptors: [listener], namesSocket: false)
      options.environment["LISTEN_FDS"] = "1"
      options.environment["LISTEN_FDNAMES"] = name
      let before = Files.status(directory.file("sessiond.sock"))?.st_ino
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      _ = try daemon.ask("SET s1 a 1").version
      try daemon.signal(SIGTERM)
      #expect(try daemon.waitForExit() == .exited(0))
      // It is the service manager's: the next connection starts the next daemon.
      #expect(Files.status(directory.file("sessiond.sock"))?.st_ino == before)
      let waiting = try RawConnection(path: directory.file("sessiond.sock"))
      try waiting.send("PING\n")
      try daemon.restart()
      #expect(try waiting.reply() == #"OK "pong""#)
    }
  }

  @Test("of several sockets the one that is named sessiond is served")
  func byName() throws {
    try withListener { directory, listener in
      let other = try Sockets.listener(directory.file("other.sock"))
      defer { close(other) }
      var options = DaemonOptions(prelude: Self.ownPid, descriptors: [other, listener], namesSocket: false)
      options.environment = ["LISTEN_FDS": "2", "LISTEN_FDNAMES": "metrics:sessiond"]
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      #expect(try daemon.ask("PING") == #"OK "pong""#)
    }
  }

  @Test("of several sockets, none of that name: one clear line and status 78")
  func noneOfThatName() throws {
    try withListener { directory, listener in
      let other = try Sockets.listener(directory.file("other.sock"))
      defer { close(other) }
      var options = DaemonOptions(prelude: Self.ownPid, descriptors: [other, listener], namesSocket: false)
      options.environment = ["LISTEN_FDS": "2", "LISTEN_FDNAMES": "metrics:logs"]
      let (status, lines) = try refusal(in: directory, options)
      #expect(status == .exited(78))
      #expect(lines.count == 1)
    }
  }

  @Test("a descriptor that is no listening socket: one clear line and status 78")
  func noSocket() throws {
    try TemporaryDirectory.with { directory in
      let datagram = try Sockets.datagram()
      defer { close(datagram) }
      let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
      defer { close(null) }
      let connected = try Sockets.stream()
      defer { close(connected) }
      for descriptor in [datagram, null, connected] {
        var options = DaemonOptions(prelude: Self.ownPid, descriptors: [descriptor], namesSocket: false)
        options.environment = ["LISTEN_FDS": "1", "LISTEN_FDNAMES": "sessiond"]
        let (status, lines) = try refusal(in: directory, options)
        #expect(status == .exited(78))
        #expect(lines.count == 1, "\(lines)")
      }
    }
  }

  @Test(
    "what is meant for another process, or says nothing, is passed over: it makes its own socket",
    arguments: [
      ["LISTEN_PID": "1", "LISTEN_FDS": "1"], ["LISTEN_FDS": "1"], ["LISTEN_PID": "1", "LISTEN_FDS": "2"],
      ["LISTEN_PID": "1", "LISTEN_FDS": "garbage"], ["LISTEN_FDNAMES": "sessiond"],
    ])
  func forAnother(environment: [String: String]) throws {
    let reply = try withDaemon(DaemonOptions(environment: environment)) { try $0.ask("PING") }
    #expect(reply == #"OK "pong""#)
  }

  @Test(
    "a garbled LISTEN_FDS or LISTEN_PID: it serves on its own socket, or says so in one line and ends with 78",
    arguments: [
      ["LISTEN_FDS": "0"], ["LISTEN_FDS": "garbage"], ["LISTEN_FDS": "-1"],
      ["LISTEN_FDS": "99999999999999999999"],
      ["LISTEN_FDS": ""],
      ["LISTEN_FDS": "1000000"], ["LISTEN_FDS": "2"],
    ])
  func garbled(environment: [String: String]) throws {
    try TemporaryDirectory.with { directory in
      let options = DaemonOptions(environment: environment, prelude: Self.ownPid)
      let daemon = try DaemonProcess(launching: directory, options)
      defer { daemon.kill() }
      do {
        try daemon.waitUntilReady()
        #expect(try daemon.ask("PING") == #"OK "pong""#)
      } catch is Failure {
        #expect(try daemon.waitForExit() == .exited(78))
        #expect(daemon.standardError.split(separator: "\n").count == 1)
      }
    }
  }

  @Test(
    "every descriptor that it holds is closed on exec, whether it came along or was made",
    arguments: [false, true])
  func closeOnExec(isActivated: Bool) throws {
    try withListener("listener.sock") { directory, listener in
      var options = DaemonOptions()
      if isActivated {
        options = DaemonOptions(prelude: Self.ownPid, descriptors: [listener], namesSocket: false)
        options.environment = ["LISTEN_FDS": "1", "LISTEN_FDNAMES": "sessiond"]
        try check(rename(directory.file("listener.sock"), directory.file("sessiond.sock")), "rename")
      }
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      let connection = try daemon.connect()
      try daemon.waitUntilAlone(connection)
      for descriptor in daemon.facts.descriptors where descriptor > 2 {
        #expect(try daemon.facts.closesOnExec(descriptor), "descriptor \(descriptor)")
      }
    }
  }
}
