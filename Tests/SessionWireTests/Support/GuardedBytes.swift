import Testing

/// Bytes with guard bytes around them, so that a test sees when something outside is read as if it
/// belonged to them, or changed.
struct GuardedBytes {
  /// A quote: read as part of a line it would close a string, or open one.
  private static let wall = [UInt8](repeating: UInt8(ascii: "\""), count: 16)

  var bytes: [UInt8]
  let range: Range<Int>

  init(_ content: [UInt8]) {
    bytes = Self.wall + content + Self.wall
    range = Self.wall.count..<Self.wall.count + content.count
  }

  func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }

  func expectIntactWalls(sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(
      bytes.prefix(range.lowerBound).elementsEqual(Self.wall)
        && bytes.dropFirst(range.upperBound).elementsEqual(Self.wall),
      "bytes outside the range were changed", sourceLocation: sourceLocation)
  }
}
