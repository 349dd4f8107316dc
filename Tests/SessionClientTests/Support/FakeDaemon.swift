import CLinux
import Glibc
import Synchronization
import SystemCalls

/// A daemon that does what a test's script says, on a Unix socket in a directory of its own. Each
/// connection runs the script on a thread of its own.
final class FakeDaemon: Sendable {
  let path: String
  private let directory: TemporaryDirectory
  private let listener: Int32
  private let shared = Mutex(Shared())

  private struct Shared {
    var isStopped = false
    var connections = 0
    var lines: [String] = []
  }

  /// The directory may be shared by daemons that follow each other on one path.
  init(
    in directory: TemporaryDirectory? = nil,
    _ script: @escaping @Sendable (FakeConnection) -> Void
  ) throws {
    self.directory = try directory ?? TemporaryDirectory()
    path = self.directory.path + "/sessiond.sock"
    listener = try listen(at: path)
    let listener = listener
    let accepting = AcceptLoop(listener: listener, script: script)
    accepting.register = { [weak self] in self?.register() }
    accepting.record = { [weak self] line in self?.record(line) }
    accepting.isStopped = { [weak self] in self?.shared.withLock { $0.isStopped } ?? true }
    accepting.start()
  }

  deinit {
    unlink(path)
  }

  /// All request lines that came, in the order in which the scripts read them.
  var lines: [String] { shared.withLock { $0.lines } }
  /// How many connections were made.
  var connections: Int { shared.withLock { $0.connections } }

  /// Returns when a client connected.
  func waitForConnection() async throws {
    for _ in 0..<2000 {
      if connections > 0 { return }
      try await Task.sleep(for: .milliseconds(5))
    }
    throw TestFailure("nobody connected")
  }

  private func register() -> Int {
    shared.withLock { shared in
      shared.connections += 1
      return shared.connections
    }
  }

  private func record(_ line: String) {
    shared.withLock { $0.lines.append(line) }
  }

  /// Takes no more connections. The thread sees it within a moment, and closes the listener.
  func stop() {
    unlink(path)
    shared.withLock { $0.isStopped = true }
  }
}

/// The thread that accepts.
private final class AcceptLoop: @unchecked Sendable {
  // Set before the thread starts, and not changed afterwards.
  var register: @Sendable () -> Int? = { nil }
  var record: @Sendable (String) -> Void = { _ in }
  var isStopped: @Sendable () -> Bool = { true }
  private let listener: Int32
  private let script: @Sendable (FakeConnection) -> Void

  init(listener: Int32, script: @escaping @Sendable (FakeConnection) -> Void) {
    self.listener = listener
    self.script = script
  }

  func start() {
    startThread { [self] in
      while !isStopped() {
        var watched = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        guard poll(&watched, 1, 20) > 0 else { continue }
        let socket = accept(listener, nil, nil)
        guard socket >= 0 else { continue }
        guard let number = register() else {
          close(socket)
          break
        }
        let connection = FakeConnection(socket: socket, number: number, record: record)
        startThread { [script] in
          script(connection)
          connection.close()
        }
      }
      close(listener)
    }
  }
}

/// One accepted connection, as its script sees it. Used by the script's thread alone.
final class FakeConnection: @unchecked Sendable {
  /// 1 for the first connection that the daemon accepted.
  let number: Int
  private let socket: Int32
  private let record: @Sendable (String) -> Void
  private var unread: [UInt8] = []
  private var isOpen = true
  /// Whether MAP goes to the script. Else it is answered as by a daemon that does not know it yet.
  var scriptsMap = false

  /// A script waits at most this long for a line, and then goes on as if the client had closed.
  private static let patienceSeconds = 20

  init(socket: Int32, number: Int, record: @escaping @Sendable (String) -> Void) {
    self.socket = socket
    self.number = number
    self.record = record
    var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  /// The next request line without its end; nothing when the client closed.
  func readLine() -> String? {
    var searched = 0
    while true {
      if let end = unread[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: unread[..<end], as: UTF8.self)
        unread.removeFirst(end + 1)
        if line == "MAP", !scriptsMap {
          send("ERR unknown no such command\n")
          searched = 0
          continue
        }
        record(line)
        return line
      }
      searched = unread.count
      var buffer = [UInt8](repeating: 0, count: 65536)
      let count = recv(socket, &buffer, buffer.count, 0)
      if count <= 0 { return nil }
      unread.append(contentsOf: buffer[..<count])
    }
  }

  /// The next lines; fewer when the client closed.
  func readLines(_ count: Int) -> [String] {
    var lines: [String] = []
    while lines.count < count, let line = readLine() { lines.append(line) }
    return lines
  }

  /// Sends text as it is.
  func send(_ text: String) {
    var bytes = ArraySlice(text.utf8)
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count <= 0 { return }
      bytes = bytes.dropFirst(count)
    }
  }

  /// Sends a short text, and a copy of a descriptor with its first byte, unless the client is gone.
  func send(_ text: String, with descriptor: Int32) {
    let bytes = Array(text.utf8)
    _ = linux_send_descriptor(socket, bytes, bytes.count, descriptor)
  }

  /// Sends text in pieces of one byte.
  func sendBytewise(_ text: String) {
    for byte in text.utf8 { send(String(UnicodeScalar(byte))) }
  }

  /// Answers every further line.
  func answerAll(_ answer: (String) -> String) {
    while let line = readLine() { send(answer(line)) }
  }

  /// Waits until the client closes, reading nothing into the record.
  func waitForEnd() {
    var buffer = [UInt8](repeating: 0, count: 65536)
    while recv(socket, &buffer, buffer.count, 0) > 0 {}
  }

  func close() {
    if isOpen { Glibc.close(socket) }
    isOpen = false
  }
}

private func listen(at path: String) throws -> Int32 {
  unlink(path)
  let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  guard number >= 0 else { throw TestFailure("socket") }
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  let bound = withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  guard bound == 0, Glibc.listen(number, 64) == 0 else { throw TestFailure("bind \(path)") }
  return number
}

struct TestFailure: Error {
  let what: String
  init(_ what: String) { self.what = what }
}

/// Runs a closure on a thread of its own.
private func startThread(_ body: @escaping @Sendable () -> Void) {
  do {
    try ServiceThread(name: "fake-daemon", body: body).detach()
  } catch {
    preconditionFailure("\(error)")
  }
}
