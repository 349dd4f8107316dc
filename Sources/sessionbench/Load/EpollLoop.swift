import SystemCalls

/// Many connections, with one request or several under way on each, served by one thread.
final class EpollLoop: RequestLoop {
  /// The token of the timer; no connection has it.
  private static let timerToken = UInt64.max
  private static let receiveBytes = 64 * 1024

  private let connections: [LoadConnection]
  private let epoll: Epoll
  private let timer: BootTimer
  private let clock: BootClock
  private var order: WorkOrder
  private var buffer = [UInt8](repeating: 0, count: EpollLoop.receiveBytes)
  private var ready: [UInt64] = []
  /// Whether a connection is watched for room to send.
  private var isWatchedForRoom: [Bool]
  private var room: Int
  private let capacity: Int
  /// The connection that gets the next request that is due without a reply having come.
  private var turn = 0
  /// The moment that the timer is set to.
  private var alarm: Int64?

  /// - Parameter depth: how many requests may be under way on a connection.
  init(
    socket: String, _ wire: Wire, _ book: RequestBook, _ order: WorkOrder, connections count: Int, depth: Int,
    clock: BootClock = .system
  ) throws {
    connections = try (0..<count).map { _ in try LoadConnection(socket, wire, book, depth: depth) }
    epoll = try Epoll()
    timer = try BootTimer()
    self.clock = clock
    self.order = order
    isWatchedForRoom = [Bool](repeating: false, count: count)
    capacity = count * depth
    room = capacity
    ready.reserveCapacity(Epoll.eventsMost)
    try epoll.add(timer.number, .read, token: Self.timerToken)
    for (token, connection) in connections.enumerated() {
      try epoll.add(connection.number, .read, token: UInt64(token))
    }
  }

  func run(_ pacing: Pacing, _ latencies: inout Latencies) throws {
    var pacing = pacing
    for token in connections.indices { try fill(token, &pacing) }
    while room < capacity || pacing.next != nil {
      try setTimer(pacing)
      try wait()
      for token in ready {
        if token == Self.timerToken {
          timer.clear()
          alarm = nil
        } else {
          try serve(Int(token), &pacing, &latencies)
        }
      }
      try spread(&pacing)
    }
  }

  private func wait() throws {
    ready.removeAll(keepingCapacity: true)
    try epoll.wait(milliseconds: Int32(LoadSocket.secondsMost * 1000)) { ready.append($0.token) }
    if ready.isEmpty { throw BenchmarkFailure.silence }
  }

  private func serve(_ token: Int, _ pacing: inout Pacing, _ latencies: inout Latencies) throws {
    let connection = connections[token]
    room += try connection.receive(into: &buffer, clock.now, &latencies)
    try fill(token, &pacing)
  }

  /// Gives a connection as many requests as are due and have room on it, and sends.
  private func fill(_ token: Int, _ pacing: inout Pacing) throws {
    let connection = connections[token]
    let now = clock.now()
    while connection.hasRoom, let moment = pacing.take(at: now) {
      connection.add(order.next(), from: moment)
      room -= 1
    }
    try send(token)
  }

  /// Gives the connections that have room, in turns, a request each while some are due. In a closed loop there are none
  /// left: whoever had a reply has them.
  private func spread(_ pacing: inout Pacing) throws {
    while room > 0, let next = pacing.next, next <= clock.now(), let moment = pacing.take(at: next) {
      // Somewhere there is room.
      while !connections[turn].hasRoom { turn = (turn + 1) % connections.count }
      connections[turn].add(order.next(), from: moment)
      room -= 1
      try send(turn)
      turn = (turn + 1) % connections.count
    }
  }

  private func send(_ token: Int) throws {
    let connection = connections[token]
    try connection.send()
    guard connection.isBlocked != isWatchedForRoom[token] else { return }
    isWatchedForRoom[token].toggle()
    let interest: Epoll.Interest = connection.isBlocked ? [.read, .write] : .read
    try epoll.modify(connection.number, interest, token: UInt64(token))
  }

  /// So that the thread wakes up when the next request is due. Where there is no room a reply wakes it.
  private func setTimer(_ pacing: Pacing) throws {
    guard room > 0, let next = pacing.next, next != alarm else { return }
    alarm = next
    try timer.set(nanoseconds: next - clock.now(), repeating: false)
  }
}
