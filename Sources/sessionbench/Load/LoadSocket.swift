import Glibc
import SystemCalls

/// A connection to a Unix socket that may wait, or not, from call to call.
struct LoadSocket: ~Copyable {
  /// Whatever takes longer never comes.
  static let secondsMost = 10

  private let descriptor: Descriptor

  init(_ path: String) throws {
    let descriptor = try Descriptor.connected(to: path)
    let number = descriptor.number
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      var patience = timeval(tv_sec: Self.secondsMost, tv_usec: 0)
      let bytes = socklen_t(MemoryLayout<timeval>.size)
      _ = try systemCall("setsockopt") { setsockopt(number, SOL_SOCKET, option, &patience, bytes) }
    }
    self.descriptor = descriptor
  }

  /// Its descriptor, to be watched.
  var number: Int32 { descriptor.number }

  /// Receives to the beginning of the buffer.
  ///
  /// - Returns: how many bytes came; nil when there are none now.
  /// - Throws: if the connection is lost; where it waits, also if nothing comes for `secondsMost`.
  func receive(into buffer: inout [UInt8], waiting: Bool) throws -> Int? {
    let count = try systemCallIfReady("recv") {
      // Unsafe: the pointer and the count are the buffer's own.
      buffer.withUnsafeMutableBytes { recv(number, $0.baseAddress, $0.count, Self.flags(waiting)) }
    }
    if count == 0 { throw BenchmarkFailure("the server has closed the connection") }
    if count == nil, waiting { throw BenchmarkFailure.silence }
    return count
  }

  /// Sends the bytes of a range, as many as go now, or all where it waits.
  ///
  /// - Returns: how many went.
  /// - Throws: if the connection is lost; where it waits, also if nothing goes for `secondsMost`.
  func send(_ bytes: [UInt8], _ range: Range<Int>, waiting: Bool) throws -> Int {
    var sent = range.lowerBound
    while sent < range.upperBound {
      let count = try systemCallIfReady("send") {
        bytes.withUnsafeBytes {
          // Unsafe: the subscript checks that the range lies within the array.
          let piece = UnsafeRawBufferPointer(rebasing: $0[sent..<range.upperBound])
          return Glibc.send(number, piece.baseAddress, piece.count, Self.flags(waiting) | Int32(MSG_NOSIGNAL))
        }
      }
      guard let count else {
        if waiting { throw BenchmarkFailure.silence }
        break
      }
      sent += count
    }
    return sent - range.lowerBound
  }

  private static func flags(_ waiting: Bool) -> Int32 { waiting ? 0 : Int32(MSG_DONTWAIT) }
}
