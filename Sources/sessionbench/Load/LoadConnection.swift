/// A connection of a load: the requests that are still to be sent, and those that have no reply yet.
final class LoadConnection {
  /// So many bytes that were sent already may lie in front of those that were not.
  private static let sentBytesMost = 256 * 1024

  private let socket: LoadSocket
  private let book: RequestBook
  private var cutter: ReplyCutter
  /// Of the requests that are under way, the oldest first: replies come in order.
  private var moments: RingQueue<Int64>
  private var bytes: [UInt8] = []
  private var sent = 0

  /// - Parameter depth: how many requests may be under way.
  init(_ path: String, _ wire: Wire, _ book: RequestBook, depth: Int) throws {
    socket = try LoadSocket(path)
    self.book = book
    cutter = ReplyCutter(wire)
    moments = RingQueue(capacity: depth, filler: 0)
  }

  /// Its descriptor, to be watched.
  var number: Int32 { socket.number }
  /// Whether another request may be under way.
  var hasRoom: Bool { !moments.isFull }
  /// Whether not all of the bytes could be sent.
  var isBlocked: Bool { sent < bytes.count }

  /// Adds a request to those to be sent; there must be room.
  func add(_ request: WorkOrder.Request, from moment: Int64) {
    if sent == bytes.count {
      bytes.removeAll(keepingCapacity: true)
      sent = 0
    } else if sent > Self.sentBytesMost {
      bytes.removeSubrange(..<sent)
      sent = 0
    }
    book.append(request, to: &bytes)
    moments.append(moment)
  }

  /// Sends as much as goes now.
  func send() throws {
    sent += try socket.send(bytes, sent..<bytes.count, waiting: false)
  }

  /// Receives once, if something is there.
  ///
  /// - Parameters:
  ///   - buffer: what comes lies in it meanwhile.
  ///   - now: asked for the moment when it is there.
  ///   - latencies: of the requests whose replies came.
  /// - Returns: how many replies came.
  func receive(
    into buffer: inout [UInt8], _ now: () -> Int64, _ latencies: inout Latencies
  ) throws -> Int {
    guard let count = try socket.receive(into: &buffer, waiting: false) else { return 0 }
    let replies = try cutter.cut(buffer, count)
    let moment = now()
    for _ in 0..<replies {
      guard let start = moments.popFirst() else { throw BenchmarkFailure("a reply to no request") }
      latencies.record(moment - start)
    }
    return replies
  }
}
