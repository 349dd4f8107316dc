import SystemCalls

/// Connections in a closed loop: so many requests are under way, one of a connection at most, and a reply lets the
/// connection send that has waited for the longest time. One thread serves all.
final class ClosedLoop {
  private let connections: [RawConnection]
  private let epoll: Epoll
  private let nextRequest: () -> [UInt8]
  /// Of each connection, when it sent last.
  private var sentAt: [Int64]
  /// The connections that wait, by their places.
  private var turns: RingQueue<Int>

  /// - Parameter nextRequest: asked for each request when its turn has come, before its time is taken.
  init(socket: String, connections count: Int, nextRequest: @escaping () -> [UInt8]) throws {
    connections = try (0..<count).map { _ in try RawConnection(socket, receiveBytes: 1024) }
    epoll = try Epoll()
    self.nextRequest = nextRequest
    sentAt = [Int64](repeating: 0, count: count)
    turns = RingQueue(full: Array(0..<count))
    for (token, connection) in connections.enumerated() {
      try epoll.add(connection.number, .read, token: UInt64(token))
    }
  }

  /// Goes on for so long, and returns when every request has its reply.
  ///
  /// - Parameter inFlight: how many requests are under way; with as many as there are connections, or more, each sends
  ///   when its own reply has come.
  func run(nanoseconds: Int64, inFlight: Int) throws -> Latencies {
    var latencies = Latencies()
    let end = BootClock.system.now() + nanoseconds
    var missing = 0
    while missing < inFlight, try sendNext() { missing += 1 }
    var ready: [Int] = []
    while missing > 0 {
      ready.removeAll(keepingCapacity: true)
      try epoll.wait(milliseconds: Int32(LoadSocket.secondsMost * 1000)) { ready.append(Int($0.token)) }
      guard !ready.isEmpty else { throw BenchmarkFailure.silence }
      for token in ready {
        try connections[token].expectLines(1, beginning: Server.sessiond.successBytes)
        let now = BootClock.system.now()
        latencies.record(now - sentAt[token])
        turns.append(token)
        missing -= 1
        if now < end, try sendNext() { missing += 1 }
      }
    }
    return latencies
  }

  /// Lets the next connection send; false if none waits.
  private func sendNext() throws -> Bool {
    guard let token = turns.popFirst() else { return false }
    let request = nextRequest()
    sentAt[token] = BootClock.system.now()
    try connections[token].send(request)
    return true
  }
}
