import Glibc
import SystemCalls

@testable import SessionStore

/// Something on a Unix socket that is taken for a server, and answers what a test wants.
final class FakeRedisServer: Sendable {
  enum Answer: Sendable {
    /// As a server would that is in order and empty.
    case usual
    case say(String)
    /// Nothing, for ever.
    case silence
    /// This, and then the connection is cut.
    case last(String)
  }

  let socket: String
  private let directory: String
  private let listener: Int32
  private let answer: @Sendable ([String]) -> Answer
  /// Connections that were accepted.
  private let connections = Guarded<[(socket: Int32, thread: ServiceThread)]>([])
  private let acceptor = Guarded<ServiceThread?>(nil)
  /// All commands that came, their first two words.
  let log = Guarded<[String]>([])

  init(_ answer: @escaping @Sendable ([String]) -> Answer) throws {
    ProcessSetUp.ignoreWriteSignals()
    var template = Array("/tmp/sessiond-redis-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemCallError("mkdtemp", errno) }
    directory = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    socket = "\(directory)/fake.sock"
    self.answer = answer
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    let number = try systemCall("socket") { Glibc.socket(AF_UNIX, type, 0) }
    listener = number
    let address = UnixAddress(path: socket)!
    _ = try systemCall("bind") { address.withSocketAddress { bind(number, $0, $1) } }
    _ = try systemCall("listen") { listen(number, 16) }
    let thread = try ServiceThread(name: "fake-redis") { [weak self] in
      while true {
        let accepted = accept(number, nil, nil)
        guard accepted >= 0, let self else { return }
        self.serve(accepted)
      }
    }
    acceptor.withLock { $0 = thread }
  }

  /// Ends all threads, and waits for them.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    acceptor.withLock { $0.take() }?.join()
    let served = connections.withLock { connections in
      defer { connections = [] }
      return connections
    }
    for connection in served {
      shutdown(connection.socket, Int32(SHUT_RDWR))
      connection.thread.join()
      close(connection.socket)
    }
    close(listener)
    unlink(socket)
    rmdir(directory)
  }

  /// A store that gives it 0.3 seconds for each answer.
  func store(_ ear: Ear? = nil, credentials: StoreCredentials? = nil) throws -> RedisStore {
    RedisStore(
      RedisLocation(endpoint: .unix(path: socket)), credentials: credentials, timeout: 300_000_000,
      listener: ear)
  }

  private func serve(_ socket: Int32) {
    let thread = try? ServiceThread(name: "fake-redis") { [weak self] in
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65536)
      while true {
        let count = recv(socket, &buffer, buffer.count, 0)
        guard count > 0, let self else { return }
        bytes += buffer[..<count]
        while let words = Self.takeCommand(&bytes) {
          guard self.reply(to: words, on: socket) else { return }
        }
      }
    }
    guard let thread else { return }
    connections.withLock { $0.append((socket, thread)) }
  }

  /// Whether the connection goes on.
  private func reply(to words: [String], on socket: Int32) -> Bool {
    log.withLock { $0.append(words.prefix(2).joined(separator: " ")) }
    switch answer(words) {
    case .usual: send(Self.usual(words), socket)
    case .say(let text): send(text, socket)
    case .silence: break
    case .last(let text):
      send(text, socket)
      shutdown(socket, Int32(SHUT_RDWR))
      return false
    }
    return true
  }

  private func send(_ text: String, _ socket: Int32) {
    let bytes = Array(text.utf8)
    _ = Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  private static func usual(_ words: [String]) -> String {
    switch words[0] {
    case "CLIENT" where words[1] == "ID": ":7\r\n"
    case "INFO": "$13\r\nrole:master\r\n\r\n"
    case "SUBSCRIBE": "*3\r\n$9\r\nsubscribe\r\n$\(words[1].utf8.count)\r\n\(words[1])\r\n:1\r\n"
    case "SCRIPT": "$4\r\nname\r\n"
    case "EVAL": "*3\r\n$1\r\n5\r\n$1\r\n0\r\n$1\r\n1\r\n"
    case "MGET": "*\(words.count - 1)\r\n" + String(repeating: "$-1\r\n", count: words.count - 1)
    case "EVALSHA": ":1\r\n"
    case "PING": "+PONG\r\n"
    default: "+OK\r\n"
    }
  }

  /// A command that is whole; of what no server gets, nothing is expected.
  private static func takeCommand(_ bytes: inout [UInt8]) -> [String]? {
    var place = 0
    func line() -> Int? {
      guard let end = bytes[place...].firstIndex(of: 13), end + 1 < bytes.count else { return nil }
      defer { place = end + 2 }
      return Int(String(decoding: bytes[(place + 1)..<end], as: UTF8.self))
    }
    guard let count = line() else { return nil }
    var words: [String] = []
    for _ in 0..<count {
      guard let length = line(), place + length + 2 <= bytes.count else { return nil }
      words.append(String(decoding: bytes[place..<(place + length)], as: UTF8.self))
      place += length + 2
    }
    bytes.removeFirst(place)
    return words
  }
}
