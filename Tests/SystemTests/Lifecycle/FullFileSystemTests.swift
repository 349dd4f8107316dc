import SegmentAudit
import Synchronization
import Testing

@Suite(
  "The file system of the segment may be full",
  .enabled(
    if: SmallFileSystem.isPossible,
    "needs root, unshare, nsenter and mount, to mount a small file system for the daemon alone"))
struct FullFileSystemTests {
  private let value = "\"\(String(repeating: "v", count: 1000))\""

  /// Runs a test with a file system that has 6 MiB left of 64, and options by which a daemon has a segment there that may
  /// have them all.
  private func withSmallFileSystem(
    _ body: (TemporaryDirectory, SmallFileSystem, DaemonOptions) throws -> Void
  ) throws {
    try TemporaryDirectory.with { directory in
      let files = try SmallFileSystem(in: directory, mebibytes: 64)
      try files.fill(leaving: 6 << 20)
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

  @Test(
    "killed when its segment fills the file system, the daemon takes it over with all sessions, again and again"
  )
  func afterKill() throws {
    try withSmallFileSystem { directory, files, options in
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      var count = try fill(daemon.connect())
      #expect(count > 1000)
      // Not a page is left, neither for a second segment nor for a hole that somebody looks at.
      try files.fill(leaving: 0)
      for round in 0..<3 {
        try daemon.restart()
        let connection = try daemon.connect()
        for index in 0..<count { try #require(try connection.request("PEEK s\(index) a") == "OK \(value)") }
        #expect(try daemon.audit(at: files.file("segment")).sessions.count >= count)
        // What goes makes room for what comes.
        for index in 0..<200 { #expect(try connection.request("DEL s\(index)") == "OK 1") }
        for index in 0..<150 {
          let reply = try connection.request("MSET s\(index) {\"a\":\(value),\"b\":\(round)}")
          #expect(reply.errorCode == nil, "\(reply)")
        }
        for index in 150..<200 { _ = try connection.request("MSET s\(index) {\"a\":\(value),\"b\":1}") }
        let before = count
        count = try fill(connection)
        #expect(count > before - 60)
      }
    }
  }

  @Test(
    "on a full file system a segment of another size is not made: the old one serves on, with one warning")
  func otherSize() throws {
    try withSmallFileSystem { directory, files, options in
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      let count = try fill(daemon.connect())
      try files.fill(leaving: 0)
      daemon.kill()
      var other = options
      other.arguments = ["--max-memory", "32M", "--shards", "16"]
      try daemon.restart(other)
      #expect(daemon.warnings.count == 1, "\(daemon.warnings)")
      #expect(try daemon.ask("STATS").number("limit") == Double(64 << 20))
      for index in 0..<count { #expect(try daemon.ask("PEEK s\(index) b") == "OK 1") }
      #expect(try daemon.audit(at: files.file("segment")).shards == 8)
      #expect(Files.status(files.file("segment.new")) == nil)
    }
  }

  @Test("readers of the mapping go on while the file system is full and sessions come and go")
  func readers() throws {
    try withSmallFileSystem { directory, files, options in
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      let count = try fill(daemon.connect())
      try files.fill(leaving: 0)
      let reader = try MappedReader(path: files.file("segment"), sessions: count)
      let path = daemon.socketPath
      let isOver = Atomic<Bool>(false)
      try inThreads(3) { index in
        guard index == 0 else {
          // Every session, and many that are not there, again and again: a SIGBUS would end the tests.
          while !isOver.load(ordering: .relaxed) { try reader.readAll() }
          return
        }
        defer { isOver.store(true, ordering: .relaxed) }
        let connection = try RawConnection(path: path)
        for round in 0..<6 {
          for session in stride(from: round % 3, to: count, by: 3) {
            _ = try connection.request("DEL s\(session)").okNumber
          }
          // Of other sizes, so that runs are taken apart and given back.
          let value = "\"\(String(repeating: "w", count: 200 << round))\""
          for session in stride(from: round % 3, to: count, by: 3) {
            _ = try connection.request("SET s\(session) a \(value)")
          }
          pause(milliseconds: 400)
        }
      }
      #expect(reader.found > 0)
      _ = try daemon.audit(at: files.file("segment"))
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
