/// An error that a server has answered with.
struct RedisRefusal: Error, Equatable {
  enum Kind: Equatable {
    /// It does not know the script.
    case script
    /// Full, busy, can't save: other commands may be answered, and this one later. Nothing was done.
    case passing
    /// Loading, not the one that takes writes, emptied: of no use for now. Nothing was done.
    case elsewhere
    /// It wants other credentials, or other rights.
    case credentials
    /// Something else; what was done is not known.
    case other
  }

  /// The server's words.
  let text: String
  let kind: Kind

  init(_ text: String) {
    self.text = text
    kind = Self.kind(of: text)
  }

  /// By the first word; of an error inside a script, which Redis 6 puts into a sentence, by the word in it.
  private static func kind(of text: String) -> Kind {
    let words = text.split(separator: " ").map { $0.first == "-" ? $0.dropFirst() : $0 }
    guard let first = words.first else { return .other }
    if let kind = kind(ofWord: first) { return kind }
    guard first == "ERR" else { return .other }
    if text.hasPrefix("ERR max number of clients") { return .elsewhere }
    return words.lazy.compactMap(Self.kind(ofWord:)).first { $0 != .script } ?? .other
  }

  private static func kind(ofWord word: Substring) -> Kind? {
    switch word {
    case "NOSCRIPT": .script
    case "OOM", "BUSY", "MISCONF", "NOREPLICAS", "TRYAGAIN": .passing
    case "LOADING", "READONLY", "MASTERDOWN", "MOVED", "ASK", "CLUSTERDOWN", "GONE", "UNBLOCKED": .elsewhere
    case "NOAUTH", "WRONGPASS", "NOPERM", "DENIED": .credentials
    default: nil
    }
  }

  /// Whether it says that nothing was done.
  var isDecided: Bool { kind == .script || kind == .passing || kind == .elsewhere }

  /// Whether the connection may be used for the next command.
  var leavesConnection: Bool { kind == .script || kind == .passing }
}
