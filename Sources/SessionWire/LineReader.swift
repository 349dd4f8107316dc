/// Cuts a stream of bytes into request lines, however the bytes were split on their way. Pure: it
/// is shown bytes and says what stands in them; who owns the bytes and where they come from is the
/// connection's business.
///
/// A line longer than the limit is told once, as soon as it is known, and then skipped to its end
/// without being kept.
public struct LineReader {
  public enum Step: Equatable {
    /// A whole line, without its line end.
    case line(Range<Int>)
    /// A line over the limit; what follows of it is passed over.
    case tooLong
    /// No whole line is left: from the position on, the bytes are the beginning of one.
    case incomplete
  }

  /// The most bytes in a line, its line end not counted.
  public var limit: Int
  /// Whether the bytes to come belong to a line that was too long.
  public private(set) var isSkipping = false
  /// How many bytes of the unfinished line are known to hold no line end.
  private var searched = 0

  public init(limit: Int) {
    self.limit = limit
  }

  /// The next step from `position`, which is moved behind what was taken.
  public mutating func next(in bytes: Span<UInt8>, from position: inout Int) -> Step {
    if isSkipping {
      guard let end = bytes.firstOffset(of: UInt8(ascii: "\n"), from: position) else {
        position = bytes.count
        return .incomplete
      }
      position = end + 1
      isSkipping = false
    }
    guard let end = bytes.firstOffset(of: UInt8(ascii: "\n"), from: position + searched) else {
      searched = bytes.count - position
      // A carriage return may be the first half of this line's end.
      guard searched <= limit + 1 else {
        searched = 0
        position = bytes.count
        isSkipping = true
        return .tooLong
      }
      return .incomplete
    }
    let start = position
    searched = 0
    position = end + 1
    let hasReturn = end > start && bytes[end - 1] == UInt8(ascii: "\r")
    let line = start..<(hasReturn ? end - 1 : end)
    return line.count > limit ? .tooLong : .line(line)
  }
}
