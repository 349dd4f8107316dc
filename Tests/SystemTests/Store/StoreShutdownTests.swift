import Glibc
import Testing

@Suite("Stopping with much that is not saved yet")
struct StoreShutdownTests {
  private static let sessions = 3000

  /// A daemon that saves nothing by itself for a minute, and many changes.
  private func withQueue(
    wrapper: [String] = [], environment: [String: String] = [:],
    _ body: (TemporaryDirectory, DaemonProcess, NotifySocket) throws -> Void
  ) throws {
    try TemporaryDirectory.with { directory in
      let state = directory.file("state")
      try check(mkdir(state, 0o700), "mkdir")
      let path = directory.file("notify.sock")
      let socket = try NotifySocket(UnixAddress(path: path))
      var options = DaemonOptions(
        arguments: ["--store", "sqlite:\(state)/sessions.db", "--flush-every", "60s", "--max-memory", "32M"])
      options.wrapper = wrapper
      options.environment = environment.merging(["NOTIFY_SOCKET": path]) { $1 }
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      let requests = (0..<Self.sessions).map { "SET s\($0) a \($0)\n" }.joined()
      for reply in try daemon.connect().exchange(Array(requests.utf8), replies: Self.sessions) {
        _ = try reply.version
      }
      try body(directory, daemon, socket)
    }
  }

  /// Everything is there, in a daemon that has the database alone.
  private func checkSaved(_ daemon: DaemonProcess) throws {
    let requests = (0..<Self.sessions).map { "GET s\($0) a\n" }.joined()
    let replies = try daemon.connect().exchange(Array(requests.utf8), replies: Self.sessions)
    #expect(replies == (0..<Self.sessions).map { "OK \($0)" })
  }

  @Test("SIGTERM: it is saved before the end")
  func drains() throws {
    try withQueue { _, daemon, socket in try stop(daemon, socket) }
  }

  @Test(
    "the service manager is asked for time as long as that lasts",
    .enabled(if: Tracing.isPossible, "needs strace(1), and a system that lets it trace"))
  func drainsSlowly() throws {
    // Each sync takes so long that there is something to ask time for.
    let slow = Tracing.command + ["-qqq", "-o", "/dev/null", "-e", "inject=fdatasync:delay_enter=300000"]
    try withQueue(wrapper: slow) { _, daemon, socket in
      try stop(daemon, socket) { try socket.waitFor("EXTEND_TIMEOUT_USEC=") }
    }
  }

  private func stop(
    _ daemon: DaemonProcess, _ socket: NotifySocket, meanwhile: () throws -> Void = {}
  ) throws {
    #expect(try daemon.storeStatistics().number("unsaved") > 0)
    try daemon.signal(SIGTERM)
    try socket.waitFor("STOPPING=1")
    try meanwhile()
    #expect(try daemon.waitForExit() == .exited(0))
    unlink(daemon.segmentPath)
    try daemon.restart(plain(daemon))
    try checkSaved(daemon)
  }

  @Test("SIGKILL amid that: the next start saves the rest", arguments: [0, 2, 10, 40])
  func killedAmid(milliseconds: Int) throws {
    try withQueue { _, daemon, socket in
      try daemon.signal(SIGTERM)
      try socket.waitFor("STOPPING=1")
      pause(milliseconds: UInt32(milliseconds))
      daemon.kill()
      var options = daemon.options
      options.arguments += ["--flush-every", "100ms"]
      try daemon.restart(options)
      try checkSaved(daemon)
      try daemon.waitUntilSaved()
      daemon.killWithSegment()
      try daemon.restart()
      try checkSaved(daemon)
    }
  }

  private func plain(_ daemon: DaemonProcess) -> DaemonOptions {
    var options = daemon.options
    options.wrapper = []
    return options
  }
}
