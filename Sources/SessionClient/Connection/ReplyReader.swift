internal import SessionWire

/// Cuts the received bytes into reply lines, however the kernel split them.
struct ReplyReader {
  /// The longest line taken. A daemon's sessions are far below it.
  let lineBytesMax: Int

  /// The beginning of a line whose end has not come yet.
  private var partial: [UInt8] = []

  /// The room kept for partial lines between replies.
  private static let roomKept = 64 * 1024

  init(lineBytesMax: Int) {
    self.lineBytesMax = lineBytesMax
  }

  /// Takes the next bytes and returns the replies that they complete. With a violation the replies
  /// before it stand, and nothing after it may be trusted.
  mutating func read(_ chunk: ArraySlice<UInt8>) -> (replies: [ReplyLine], violation: String?) {
    var replies: [ReplyLine] = []
    var rest = chunk
    while let lineFeed = rest.firstIndex(of: UInt8(ascii: "\n")) {
      let piece = rest[..<lineFeed]
      rest = rest[(lineFeed + 1)...]
      guard partial.count + piece.count <= lineBytesMax else { return (replies, tooLong) }
      do {
        replies.append(try parse(piece))
      } catch {
        return (replies, error.description)
      }
    }
    guard partial.count + rest.count <= lineBytesMax else { return (replies, tooLong) }
    partial.append(contentsOf: rest)
    return (replies, nil)
  }

  private mutating func parse(_ piece: ArraySlice<UInt8>) throws(ReplyLine.Malformed) -> ReplyLine {
    if partial.isEmpty { return try ReplyLine(parsing: piece) }
    partial.append(contentsOf: piece)
    defer { partial.removeAll(keepingCapacity: partial.capacity <= Self.roomKept) }
    return try ReplyLine(parsing: partial[...])
  }

  private var tooLong: String { "a reply is longer than \(lineBytesMax) bytes" }
}
