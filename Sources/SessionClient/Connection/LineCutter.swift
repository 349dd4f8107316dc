/// Cuts received bytes into lines, however the kernel split them.
struct LineCutter {
  /// The longest line taken.
  let lineBytesMax: Int

  /// The beginning of a line whose end has not come yet.
  private var partial: [UInt8] = []

  /// The room kept for partial lines between whole ones.
  private static let roomKept = 64 * 1024

  init(lineBytesMax: Int) {
    self.lineBytesMax = lineBytesMax
  }

  /// A line is longer than it may be. Nothing that follows may be trusted.
  struct TooLong: Error {
    let lineBytesMax: Int

    var description: String { "a reply is longer than \(lineBytesMax) bytes" }
  }

  /// Takes the next line from the front of some bytes; nothing, and all of the bytes, where none is whole.
  mutating func next(from bytes: inout ArraySlice<UInt8>) throws(TooLong) -> ArraySlice<UInt8>? {
    let lineFeed = bytes.firstIndex(of: UInt8(ascii: "\n"))
    let piece = bytes[..<(lineFeed ?? bytes.endIndex)]
    guard partial.count + piece.count <= lineBytesMax else { throw TooLong(lineBytesMax: lineBytesMax) }
    guard let lineFeed else {
      partial.append(contentsOf: piece)
      bytes = []
      return nil
    }
    bytes = bytes[(lineFeed + 1)...]
    if partial.isEmpty { return piece }
    partial.append(contentsOf: piece)
    defer { partial.removeAll(keepingCapacity: partial.capacity <= Self.roomKept) }
    return partial[...]
  }
}
