import Glibc

/// Finds where replies end in a stream that comes in pieces, and that each of them is a success. Pure; takes no memory
/// after its beginning.
struct ReplyCutter {
  private enum Place {
    /// In a line, of which `head` has the beginning.
    case line
    /// In a value that ends after so many bytes, its line end among them.
    case value(Int)
  }

  /// More of a line than this says nothing new.
  private static let headBytesMost = 200

  private let wire: Wire
  private var place = Place.line
  private var head: [UInt8] = []
  /// memcached has another line behind the values.
  private var awaitsEnd = false

  init(_ wire: Wire) {
    self.wire = wire
    head.reserveCapacity(Self.headBytesMost)
  }

  /// Goes on with the first so many of the bytes.
  ///
  /// - Returns: how many replies end among them.
  /// - Throws: `BenchmarkFailure` with what the server said, if that is no success, or no value was there.
  mutating func cut(_ bytes: [UInt8], _ count: Int) throws -> Int {
    var replies = 0
    var offset = 0
    while offset < count {
      switch place {
      case .value(let missing):
        let taken = min(missing, count - offset)
        offset += taken
        guard taken == missing else {
          place = .value(missing - taken)
          break
        }
        place = .line
        if !awaitsEnd { replies += 1 }
      case .line:
        let end = Self.lineEnd(bytes, offset, count)
        keep(bytes[offset..<(end ?? count)])
        guard let end else { return replies }
        offset = end + 1
        if try isWhole() { replies += 1 }
        head.removeAll(keepingCapacity: true)
      }
    }
    return replies
  }

  private mutating func keep(_ piece: ArraySlice<UInt8>) {
    head.append(contentsOf: piece.prefix(Self.headBytesMost - head.count))
  }

  /// Whether the reply ends with the line in `head`.
  private mutating func isWhole() throws -> Bool {
    if head.last == UInt8(ascii: "\r") { head.removeLast() }
    switch wire {
    case .lines:
      guard head.starts(with: "OK".utf8) else { throw complaint }
      return true
    case .resp:
      switch head.first {
      case UInt8(ascii: "+"), UInt8(ascii: ":"): return true
      case UInt8(ascii: "$"): return try beginValue(head[1...])
      default: throw complaint
      }
    case .memcached:
      if awaitsEnd {
        guard head.elementsEqual("END".utf8) else { throw complaint }
        awaitsEnd = false
        return true
      }
      if head.elementsEqual("STORED".utf8) { return true }
      guard head.starts(with: "VALUE ".utf8), let space = head.lastIndex(of: UInt8(ascii: " ")) else {
        throw complaint
      }
      awaitsEnd = true
      return try beginValue(head[(space + 1)...])
    }
  }

  /// The length of the value is there. Redis says -1 where there is none.
  private mutating func beginValue(_ digits: ArraySlice<UInt8>) throws -> Bool {
    var length = 0
    for digit in digits {
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9"), length < 1 << 40 else { throw complaint }
      length = length * 10 + Int(digit - UInt8(ascii: "0"))
    }
    guard !digits.isEmpty else { throw complaint }
    place = .value(length + 2)
    return false
  }

  private var complaint: BenchmarkFailure {
    BenchmarkFailure("the server answered: \(String(decoding: head, as: UTF8.self))")
  }

  private static func lineEnd(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Int? {
    bytes.withUnsafeBytes { buffer in
      // Unsafe: memchr only reads what lies between, which the subscript checks to be within the array.
      let piece = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
      guard let base = piece.baseAddress,
        let found = memchr(base, Int32(UInt8(ascii: "\n")), piece.count)
      else { return nil }
      return start + base.distance(to: UnsafeRawPointer(found))
    }
  }
}
