import CLinux
import Glibc
import SessionCache
import SessionSegment
import SystemCalls
import Testing

@testable import SessionClient

@Suite("How a client comes by the mapping", .timeLimit(.minutes(10))) struct HandoverTests {
  /// A daemon that answers MAP by `answer`, and GET s1 n with 10.
  private func daemon(
    in directory: TemporaryDirectory? = nil, _ answer: @escaping @Sendable (FakeConnection) -> Void
  ) throws -> FakeDaemon {
    try FakeDaemon(in: directory) { connection in
      connection.scriptsMap = true
      while let line = connection.readLine() {
        switch line {
        case "MAP": answer(connection)
        case "GET s1 n": connection.send("OK 10\n")
        case "QUIT": return
        default: connection.send("NIL\n")
        }
      }
    }
  }

  private func segment() throws -> TestSegment {
    let segment = try TestSegment()
    try segment.set("s1", ["n": "1"])
    return segment
  }

  @Test("MAP is the first request of each connection, and only where the program does not forbid it")
  func first() throws {
    let daemon = try daemon { $0.send("ERR denied no\n") }
    defer { daemon.stop() }
    let sessions = SessionClient(socket: daemon.path, options: MappedDaemon.patient)
    #expect(try sessions.blocking.get("s1", "n") == 10)
    #expect(daemon.lines == ["MAP", "GET s1 n"])
    var options = MappedDaemon.patient
    options.mapping = .off
    let plain = SessionClient(socket: daemon.path, options: options)
    #expect(try plain.blocking.get("s1", "n") == 10)
    #expect(daemon.lines == ["MAP", "GET s1 n", "GET s1 n"])
  }

  @Test(
    "a daemon that does not hand it out is asked once a connection, and everything goes over the socket",
    arguments: ["ERR denied no\n", "ERR unknown what\n", "OK {}\n", "OK\n", "NIL\n"])
  func refused(reply: String) throws {
    let daemon = try daemon { $0.send(reply) }
    defer { daemon.stop() }
    let sessions = SessionClient(socket: daemon.path, options: MappedDaemon.patient)
    for _ in 0..<3 { #expect(try sessions.blocking.get("s1", "n") == 10) }
    #expect(daemon.lines.count { $0 == "MAP" } == 1)
    // Ends the connection; the request goes out once more on the next one, and its end is an error.
    #expect(throws: SessionError.self) { try sessions.engine.performBlocking(Array("QUIT\n".utf8), .never) }
    #expect(try sessions.blocking.get("s1", "n") == 10)
    #expect(daemon.lines.count { $0 == "MAP" } == 2)
  }

  @Test("a daemon that stops before it answers MAP is no obstacle")
  func stopping() throws {
    let segment = try segment()
    let daemon = try daemon { connection in
      if connection.number == 1 {
        connection.send("ERR stopping bye\n")
      } else {
        connection.send("OK {}\n", with: segment.cache.readOnlyDescriptor.number)
      }
    }
    defer { daemon.stop() }
    let sessions = SessionClient(socket: daemon.path, options: MappedDaemon.patient)
    #expect(try sessions.blocking.get("s1", "n") == 10)
    #expect(throws: SessionError.self) { try sessions.engine.performBlocking(Array("QUIT\n".utf8), .never) }
    #expect(try sessions.blocking.get("nobody", "n", as: Int.self) == nil)
    #expect(try sessions.blocking.get("s1", "n") == 1)
  }

  enum Unfit: CaseIterable {
    case empty, short, zeros, writable, pipe, wrongSize, otherFormat
  }

  @Test("a file that is not fit is not mapped", arguments: Unfit.allCases)
  func unfit(_ kind: Unfit) throws {
    let segment = try segment()
    let path = segment.directory.path + "/segment"
    var pipes: [Int32] = [-1, -1]
    var descriptor = try Descriptor.open(path, O_RDWR).release()
    defer { for number in pipes + [descriptor] { close(number) } }
    switch kind {
    case .empty, .short, .zeros:
      close(descriptor)
      descriptor = linux_memfd("unfit")
      fchmod(descriptor, 0o600)
      ftruncate(descriptor, kind == .empty ? 0 : kind == .short ? 4095 : 1 << 20)
    case .writable:
      fchmod(descriptor, 0o620)
    case .pipe:
      try #require(pipe(&pipes) == 0)
      close(descriptor)
      descriptor = dup(pipes[0])
    case .wrongSize:
      ftruncate(descriptor, (16 << 20) + 4096)
    case .otherFormat:
      var format = SegmentLayout.formatVersion + 1
      try #require(pwrite(descriptor, &format, 4, 8) == 4)
    }
    let handedOut = descriptor
    let daemon = try daemon { $0.send("OK {}\n", with: handedOut) }
    defer { daemon.stop() }
    let sessions = SessionClient(socket: daemon.path, options: MappedDaemon.patient)
    for _ in 0..<3 { #expect(try sessions.blocking.get("s1", "n") == 10) }
    #expect(sessions.engine.state.withLock { $0.shelf.current == nil })
  }

  @Test("the file must belong to the user that the kernel says the daemon is, unless that is root")
  func owner() throws {
    let segment = try segment()
    let descriptor = segment.cache.readOnlyDescriptor.number
    let user = getuid()
    _ = try MappedView(mapping: descriptor, from: user)
    _ = try MappedView(mapping: descriptor, from: 0)
    #expect(throws: MappedView.Refusal.self) { try MappedView(mapping: descriptor, from: user + 1) }
  }

  @Test("descriptors that nobody asked for are closed, and so is the one that was, once it is mapped")
  func leaks() throws {
    let segment = try segment()
    let number = segment.cache.readOnlyDescriptor.number
    let daemon = try FakeDaemon { connection in
      connection.scriptsMap = true
      while let line = connection.readLine() {
        if line == "MAP" {
          connection.send("OK ", with: number)
          connection.send("{}\n", with: number)
        } else {
          connection.send("OK 10\n", with: number)
        }
      }
    }
    defer { daemon.stop() }
    let sessions = SessionClient(socket: daemon.path, options: MappedDaemon.patient)
    #expect(try sessions.blocking.get("nobody", "n") == 10)
    let inode = try Self.inode(of: number)
    for _ in 0..<10 { #expect(try sessions.blocking.get("nobody", "n") == 10) }
    #expect(try sessions.blocking.get("s1", "n") == 1)
    // The cache has two: one to write and one to hand out.
    let open = (0..<1024).filter { (try? Self.inode(of: Int32($0))) == inode }
    #expect(open.count == 2)
  }

  private static func inode(of number: Int32) throws -> UInt64 {
    var status = stat()
    _ = try systemCall("fstat") { fstat(number, &status) }
    return UInt64(status.st_ino)
  }
}
