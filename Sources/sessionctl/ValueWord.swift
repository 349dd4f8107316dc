import SessionClient

/// A value as it stands on a command line.
struct ValueWord {
  /// The JSON text to store.
  let json: SessionJSON
  /// It was no JSON and is taken as a string.
  let isString: Bool

  init(_ word: String) {
    do {
      json = try SessionJSON(word)
      isString = false
    } catch {
      json = SessionJSON(string: word)
      isString = true
    }
  }

  /// Tells the person what was made of the word, where that may not be what was meant.
  func sayWhatItIs() {
    guard isString else { return }
    let text = json.text
    let shown = text.count > Self.shownMax ? text.prefix(Self.shownMax) + "…" : text[...]
    Terminal.complain("Note: the value is no JSON, and is stored as the string \(shown)")
  }

  /// So many characters of a value are enough to recognise it.
  private static let shownMax = 60
}
