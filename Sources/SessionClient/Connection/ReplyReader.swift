internal import SessionWire

/// Cuts the received bytes into reply lines.
struct ReplyReader {
  private var cutter: LineCutter

  /// - Parameter lineBytesMax: the longest line taken. A daemon's sessions are far below it.
  init(lineBytesMax: Int) {
    cutter = LineCutter(lineBytesMax: lineBytesMax)
  }

  /// Takes the next bytes and returns the replies that they complete. With a violation the replies
  /// before it stand, and nothing after it may be trusted.
  mutating func read(_ chunk: ArraySlice<UInt8>) -> (replies: [ReplyLine], violation: String?) {
    var replies: [ReplyLine] = []
    var rest = chunk
    while true {
      let line: ArraySlice<UInt8>?
      do throws(LineCutter.TooLong) {
        line = try cutter.next(from: &rest)
      } catch {
        return (replies, error.description)
      }
      guard let line else { return (replies, nil) }
      do throws(ReplyLine.Malformed) {
        replies.append(try ReplyLine(parsing: line))
      } catch {
        return (replies, error.description)
      }
    }
  }
}
