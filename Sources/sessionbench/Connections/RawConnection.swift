import SystemCalls

/// A connection to a Unix socket as bare as it can be: one thread that blocks in send(2) and recv(2).
final class RawConnection {
  static let receiveBytes = 64 * 1024

  private let socket: StreamSocket
  /// What came last is at its beginning.
  private(set) var received: [UInt8]

  init(_ path: String, receiveBytes: Int = RawConnection.receiveBytes) throws {
    received = [UInt8](repeating: 0, count: receiveBytes)
    socket = StreamSocket(try Descriptor.connected(to: path), calls: .system)
  }

  /// Its descriptor, to be watched.
  var number: Int32 { socket.number }

  /// Sends all of the bytes.
  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      guard let count = try socket.send(bytes, from: sent) else { throw BenchmarkFailure("send: timed out") }
      sent += count
    }
  }

  /// Waits for some bytes.
  ///
  /// - Returns: how many are now at the beginning of `received`.
  func receive() throws -> Int {
    let count = try socket.receive(into: &received) ?? 0
    if count == 0 { throw BenchmarkFailure("the server has closed the connection") }
    return count
  }

  /// Waits for replies of one line each, and wants each of them to begin in one of the ways given.
  func expectLines(_ count: Int, beginning firstBytes: [UInt8]) throws {
    var missing = count
    var isAtStart = true
    while missing > 0 {
      let end = try receive()
      var place = 0
      while place < end {
        if isAtStart, !firstBytes.contains(received[place]) {
          let line = received[place..<end].prefix { $0 != UInt8(ascii: "\n") }
          throw BenchmarkFailure("the server answered: \(String(decoding: line.prefix(200), as: UTF8.self))")
        }
        guard let lineEnd = received[place..<end].firstIndex(of: UInt8(ascii: "\n")) else {
          isAtStart = false
          break
        }
        missing -= 1
        isAtStart = true
        place = lineEnd + 1
      }
    }
  }
}
