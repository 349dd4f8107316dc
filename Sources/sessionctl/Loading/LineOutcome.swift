import SessionClient

/// What became of one line of a dump.
enum LineOutcome: Sendable {
  case loaded
  /// A session of that id lives, and was left as it is.
  case existing(version: Int)
  /// The session's time was over before it was loaded.
  case over
  /// It was refused; in the daemon's words.
  case failed(String)

  /// What an error says about the line; nil where it says something about the daemon, and no line would fare
  /// better.
  init?(_ error: SessionError) {
    switch error {
    case .conflict(let version): self = .existing(version: version)
    case .syntax(let text) where text.hasSuffix(Self.overMark): self = .over
    case .syntax(let text), .badJSON(let text), .tooLarge(let text), .full(let text), .revoked(let text),
      .type(let text):
      self = .failed(Self.placed(text))
    case .refused(let code, let text): self = .failed("\(code): \(text)")
    case .invalidName(let text), .invalidArgument(let text), .encoding(let text): self = .failed(text)
    case .denied, .limit, .storeUnavailable, .stopping, .unknownCommand, .unavailable, .disconnected,
      .timedOut,
      .protocolViolation, .closed, .tooManyRequests, .decoding:
      return nil
    }
  }

  /// Where the daemon names a place, it counts `RESTORE` and the space behind it, which are not in the file.
  private static func placed(_ text: String) -> String {
    var words = text.split(separator: " ", omittingEmptySubsequences: false)
    let place = words.count - 4
    guard place > 0, words[place...].dropFirst().elementsEqual(["of", "the", "line"]),
      let byte = Int(words[place]), byte > restoreBytes
    else { return text }
    words[place] = "\(byte - restoreBytes)"
    return words.joined(separator: " ")
  }

  private static let restoreBytes = "RESTORE ".utf8.count

  /// How the daemon ends the refusal of a session whose time is over.
  private static let overMark = "the session's time is over"
}
