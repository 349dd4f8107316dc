/// Sends many requests over one connection, some hundred at a time; each of them must succeed.
struct RequestStream: ~Copyable {
  /// Few enough that all replies fit the socket's buffer.
  private static let requestsInFlight = 256
  private static let receiveBytes = 64 * 1024

  private let socket: LoadSocket
  private var cutter: ReplyCutter
  private var buffer = [UInt8](repeating: 0, count: RequestStream.receiveBytes)
  private var bytes: [UInt8] = []
  private var requests = 0

  /// Connects.
  init(_ path: String, _ wire: Wire = .lines) throws {
    socket = try LoadSocket(path)
    cutter = ReplyCutter(wire)
  }

  /// Sends it, if not now then with some that follow.
  ///
  /// - Parameter count: how many requests it holds.
  mutating func add(_ request: [UInt8], requests count: Int = 1) throws {
    bytes += request
    requests += count
    if requests >= Self.requestsInFlight { try finish() }
  }

  /// Returns when all have their reply.
  ///
  /// - Throws: if one of them is no success, or none comes for `LoadSocket.secondsMost`.
  mutating func finish() throws {
    guard requests > 0 else { return }
    _ = try socket.send(bytes, 0..<bytes.count, waiting: true)
    while requests > 0 {
      guard let count = try socket.receive(into: &buffer, waiting: true) else {
        throw BenchmarkFailure.silence
      }
      requests -= try cutter.cut(buffer, count)
    }
    bytes.removeAll(keepingCapacity: true)
  }
}
