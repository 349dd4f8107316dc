import SystemCalls

/// Connections that each send a request, wait for its reply, and send the next one; served by one thread.
final class ClosedLoop {
  private final class Client {
    var connection: RawConnection
    var sentAt: Int64 = 0

    init(_ socket: String) throws {
      connection = try RawConnection(socket, receiveBytes: 1024)
    }
  }

  private let clients: [Client]
  private let epoll: Epoll
  private let requests: [[UInt8]]
  private var sent = 0

  init(socket: String, connections: Int, requests: [[UInt8]]) throws {
    self.requests = requests
    clients = try (0..<connections).map { _ in try Client(socket) }
    epoll = try Epoll()
    for (token, client) in clients.enumerated() {
      try epoll.add(client.connection.number, .read, token: UInt64(token))
    }
  }

  /// Goes on for so long, and returns when every request has its reply.
  ///
  /// - Returns: how many nanoseconds each request took.
  func run(nanoseconds: Int64) throws -> [Int32] {
    let end = BootClock.system.now() + nanoseconds
    var latencies: [Int32] = []
    for client in clients { try send(client) }
    var missing = clients.count
    var ready: [Int] = []
    while missing > 0 {
      ready.removeAll(keepingCapacity: true)
      try epoll.wait(milliseconds: 10_000) { ready.append(Int($0.token)) }
      guard !ready.isEmpty else { throw BenchmarkFailure("no reply within ten seconds") }
      for token in ready {
        let client = clients[token]
        try client.connection.expectLines(1, beginning: Server.sessiond.successBytes)
        let now = BootClock.system.now()
        latencies.append(Int32(clamping: now - client.sentAt))
        if now < end { try send(client) } else { missing -= 1 }
      }
    }
    return latencies
  }

  private func send(_ client: Client) throws {
    client.sentAt = BootClock.system.now()
    try client.connection.send(requests[sent % requests.count])
    sent += 1
  }
}
