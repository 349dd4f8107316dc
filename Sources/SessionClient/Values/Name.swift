internal import SessionWire

/// A session id, a key or a tag as the daemon tells them apart: byte by byte. To Swift two strings are one
/// where they look alike, such as the two spellings of `é` that Unicode has.
struct Name: Hashable, Comparable, Sendable {
  let text: String

  init(_ text: String) {
    self.text = text
  }

  init(_ bytes: [UInt8]) {
    text = String(decoding: bytes, as: UTF8.self)
  }

  var count: Int { text.utf8.count }

  static func == (left: Name, right: Name) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

  static func < (left: Name, right: Name) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}

extension Name {
  /// Throws `SessionError.invalidName` for what is no session id.
  init(session text: String) throws(SessionError) {
    try self.init(text) { writer throws(RequestWriter.Refusal) in try writer.session(text) }
  }

  /// Throws `SessionError.invalidName` for what is no key.
  init(key text: String) throws(SessionError) {
    try self.init(text) { writer throws(RequestWriter.Refusal) in try writer.key(text) }
  }

  /// Throws `SessionError.invalidName` for what is no tag.
  init(tag text: String) throws(SessionError) {
    try self.init(text) { writer throws(RequestWriter.Refusal) in try writer.tag(text) }
  }

  private init(
    _ text: String, _ check: (inout RequestWriter) throws(RequestWriter.Refusal) -> Void
  ) throws(SessionError) {
    // The writer knows what a name is; the request is not sent.
    var writer = RequestWriter(.get)
    do throws(RequestWriter.Refusal) {
      try check(&writer)
    } catch {
      throw SessionError(error)
    }
    self.init(text)
  }
}
