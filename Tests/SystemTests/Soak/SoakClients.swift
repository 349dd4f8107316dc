import CLinux
import Glibc
import TestSupport

/// A thousand clients in one thread: each sends a request, waits for its reply, and sends the next.
struct SoakClients {
  private struct Client {
    let descriptor: Int32
    var reply: [UInt8] = []
    var expected = ""
  }

  private let epoll: Int32
  private var clients: [Client] = []
  private var random: SplitMix64
  private let sessions: Int
  private(set) var replies = 0

  init(connections: Int, sessions: Int, socket: String, seed: UInt64) throws {
    epoll = try check(linux_epoll_create(), "epoll_create1")
    random = SplitMix64(seed: seed)
    self.sessions = sessions
    for index in 0..<connections {
      let descriptor = try Sockets.stream()
      try Sockets.connect(descriptor, to: UnixAddress(path: socket))
      try check(fcntl(descriptor, F_SETFL, O_NONBLOCK), "fcntl")
      try check(linux_epoll_add(epoll, descriptor, linux_epoll_in, UInt64(index)), "epoll_ctl")
      clients.append(Client(descriptor: descriptor))
    }
  }

  /// Closes every connection.
  func close() {
    for client in clients { Glibc.close(client.descriptor) }
    Glibc.close(epoll)
  }

  /// The value of a session: its own name, so that a reply that was meant for another one shows.
  static func value(of session: Int) -> String {
    "\"\(session):" + String(repeating: "v", count: 200 + session % 100) + "\""
  }

  mutating func start() throws {
    for index in clients.indices { try sendNext(index) }
  }

  /// Handles replies, and answers each with the next request, for so many milliseconds at most.
  mutating func work(milliseconds: Double) throws {
    let end = secondsSinceBoot() + milliseconds / 1000
    var events = [linux_event](repeating: linux_event(), count: 64)
    while secondsSinceBoot() < end {
      let count = try check(linux_epoll_wait(epoll, &events, 64, 20_000), "epoll_wait")
      guard count > 0 else { throw Failure("no reply for 20 seconds") }
      for event in events[..<Int(count)] { try receive(Int(event.token)) }
    }
  }

  private mutating func receive(_ index: Int) throws {
    var chunk = [UInt8](repeating: 0, count: 4096)
    let count = try check(recv(clients[index].descriptor, &chunk, chunk.count, 0), "recv")
    guard count > 0 else { throw Failure("the daemon closed connection \(index)") }
    clients[index].reply += chunk[..<count]
    guard clients[index].reply.last == 10 else { return }
    let reply = String(decoding: clients[index].reply.dropLast(), as: UTF8.self)
    clients[index].reply.removeAll(keepingCapacity: true)
    let expected = clients[index].expected
    let isRight = expected.isEmpty ? reply.hasPrefix("OK ") : reply == expected
    guard isRight else { throw Failure("reply \(replies): \(reply)") }
    replies += 1
    try sendNext(index)
  }

  /// Four reads to a write.
  private mutating func sendNext(_ index: Int) throws {
    let session = Int.random(in: 0..<sessions, using: &random)
    let isWrite = Int.random(in: 0..<5, using: &random) == 0
    let value = Self.value(of: session)
    clients[index].expected = isWrite ? "" : "OK \(value)"
    let request = Array((isWrite ? "SET s\(session) a \(value)\n" : "GET s\(session) a\n").utf8)
    let sent = send(clients[index].descriptor, request, request.count, Int32(MSG_NOSIGNAL))
    guard sent == request.count else { throw SystemCallError(call: "send", code: errno) }
  }
}
