import Glibc
import SystemCalls

/// Requests over bare connections, one session after the other: each connection's batch is sent, then all the replies
/// are awaited, then comes the next batch.
final class CountedRequests: CountedWork {
  /// A daemon that takes so long to read what was sent takes it no more.
  private static let patienceNanoseconds: Int64 = 10_000_000_000

  private let connections: [RawConnection]
  /// Each in the pieces in which it is sent.
  private let batches: [[[UInt8]]]
  private let depth: Int
  private var next = 0

  /// Makes the sessions, and sends every batch once, so that everything is warm.
  ///
  /// - Parameters:
  ///   - sessions: how many; a multiple of `depth`.
  ///   - depth: the requests of a batch.
  ///   - pieces: in how many sends a batch goes out; the next one goes when the daemon has read the last.
  init(socket: String, path: CountedPath, sessions: Int, connections: Int, depth: Int, pieces: Int) throws {
    let first = path.firstSession(of: sessions)
    let ids = (first..<first + sessions).map { SessionShape.id($0) }
    let requests = try ids.map { try path.request($0) }
    batches = stride(from: 0, to: sessions, by: depth).map { start in
      Self.cut(Array(requests[start..<start + depth].joined()), into: pieces)
    }
    self.connections = try (0..<connections).map { _ in try RawConnection(socket) }
    self.depth = depth
    for id in ids {
      try self.connections[0].send(path.creation(id))
      try self.connections[0].expectLines(1, beginning: Server.sessiond.successBytes)
    }
    try run((sessions + step - 1) / step * step)
  }

  var step: Int { depth * connections.count }

  func run(_ requests: Int) throws {
    for _ in 0..<requests / step { try sendBatches() }
  }

  private func sendBatches() throws {
    let pieces = batches[0].count
    for piece in 0..<pieces {
      for (place, connection) in connections.enumerated() {
        try connection.send(batches[(next + place) % batches.count][piece])
      }
      guard piece < pieces - 1 else { break }
      for connection in connections { try Self.waitUntilRead(connection.number) }
    }
    for connection in connections {
      try connection.expectLines(depth, beginning: Server.sessiond.successBytes)
    }
    next = (next + connections.count) % batches.count
  }

  private static func cut(_ bytes: [UInt8], into pieces: Int) -> [[UInt8]] {
    (0..<pieces).map { piece in
      Array(bytes[bytes.count * piece / pieces..<bytes.count * (piece + 1) / pieces])
    }
  }

  /// Until the daemon has read what was sent (SIOCOUTQ, which is TIOCOUTQ; unix(7)): what follows comes by itself.
  private static func waitUntilRead(_ socket: Int32) throws {
    let end = BootClock.system.now() + patienceNanoseconds
    var unread: Int32 = 0
    while true {
      _ = try systemCall("ioctl") { ioctl(socket, UInt(TIOCOUTQ), &unread) }
      if unread == 0 { return }
      guard BootClock.system.now() < end else {
        throw BenchmarkFailure("the daemon does not read what was sent")
      }
      sched_yield()
    }
  }
}
