import Testing

@Suite(
  "The file system of the segment may be full",
  .enabled(
    if: SmallFileSystem.isPossible,
    "needs root, unshare, nsenter and mount, to mount a small file system for the daemon alone"))
struct FullFileSystemTests {
  private let value = "\"\(String(repeating: "v", count: 1000))\""

  /// Runs a test with a file system of 6 MiB, and options by which a daemon has a segment there that may
  /// have 64.
  private func withSmallFileSystem(
    _ body: (TemporaryDirectory, SmallFileSystem, DaemonOptions) throws -> Void
  ) throws {
    try TemporaryDirectory.with { directory in
      let files = try SmallFileSystem(in: directory, mebibytes: 6)
      let options = DaemonOptions(
        arguments: ["--max-memory", "64M", "--shards", "8"], wrapper: files.wrapper, segment: "small/segment")
      try body(directory, files, options)
    }
  }

  /// Adds sessions `s0`, `s1`, …, of two keys each, until one is refused; how many there are.
  private func fill(_ connection: RawConnection) throws -> Int {
    for index in 0..<100_000 {
      let reply = try connection.request("MSET s\(index) {\"a\":\(value),\"b\":1}")
      if reply.errorCode == "full" { return index }
      _ = try reply.version
    }
    throw Failure("it is never full")
  }

  @Test("killed when its segment fills the file system, the daemon starts again and has the room again")
  func afterKill() throws {
    try withSmallFileSystem { directory, files, options in
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      let count = try fill(daemon.connect())
      #expect(count > 1000)
      // Not a page is left for a second segment.
      try files.fill(leaving: 0)
      for _ in 0..<3 {
        try daemon.restart()
        #expect(try fill(daemon.connect()) > count * 9 / 10)
      }
    }
  }

  @Test(
    "a file system that is full at the start: status 1, since another try may go better, and one line",
    arguments: [0, 16 << 10, 256 << 10, 1 << 20])
  func fullAtTheStart(bytesLeft: Int) throws {
    try withSmallFileSystem { directory, files, options in
      try files.fill(leaving: bytesLeft)
      let daemon = try DaemonProcess(launching: directory, options)
      defer { daemon.kill() }
      #expect(try daemon.waitForExit() == .exited(1))
      let lines = daemon.standardError.split(separator: "\n")
      #expect(lines.count == 1, "\(lines)")
      #expect(lines.first?.contains("small/segment") == true, "\(lines)")
      #expect(lines.first?.contains("No space left") == true, "\(lines)")
      #expect(Files.status(daemon.socketPath) == nil)
    }
  }

  @Test("the file system of the socket is full at the start: status 1 and one line, too")
  func socketOnFullFileSystem() throws {
    try withSmallFileSystem { directory, files, options in
      try files.fill(leaving: 0)
      var options = options
      options.namesSocket = false
      options.segment = "segment"
      options.arguments = ["--socket", directory.file("small/sessiond.sock")]
      let daemon = try DaemonProcess(launching: directory, options)
      defer { daemon.kill() }
      #expect(try daemon.waitForExit() == .exited(1))
      let lines = daemon.standardError.split(separator: "\n")
      #expect(lines.count == 1 && lines[0].contains("No space left"), "\(lines)")
    }
  }

  /// Changes every session of a full cache, takes a key out of each, and ends each.
  private func changeAll(_ count: Int, _ connection: RawConnection, between: (Int) throws -> Void) throws {
    let other = value.replacing("v", with: "w")
    for index in 0..<count {
      let reply = try connection.request("SET s\(index) a \(other)")
      try #require(reply.errorCode == nil, "change \(index) of \(count)")
      #expect(try connection.request("GET s\(index) a") == "OK \(other)")
      try between(index)
    }
    for index in 0..<count { try #require(try connection.request("DEL s\(index) b") == "OK 1", "\(index)") }
    for index in 0..<count { try #require(try connection.request("DEL s\(index)") == "OK 1", "\(index)") }
    _ = try connection.request("SET s0 a \(value)").version
  }

  @Test("in a full cache sessions can be changed that grow no larger, keys be removed, and sessions ended")
  func changesWhileFull() throws {
    try withSmallFileSystem { directory, _, options in
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      let connection = try daemon.connect()
      let count = try fill(connection)
      try changeAll(count, connection) { _ in }
    }
  }

  @Test("so they can when others go on trying to add to it")
  func changesAmidAdditions() throws {
    try withSmallFileSystem { directory, _, options in
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      let connection = try daemon.connect()
      let count = try fill(connection)
      try changeAll(count, connection) { _ = try connection.request("SET more\($0) a \(value)") }
    }
  }
}
