/// A text that looks the same from its beginning to its end. It never holds what a terminal would obey.
package struct TextPiece: Equatable, Sendable, ExpressibleByStringInterpolation {
  package let text: String
  package let tone: Style.Tone

  package init(_ text: String, _ tone: Style.Tone = .plain) {
    self.text = DisplayWidth.printable(text)
    self.tone = tone
  }

  package init(stringLiteral value: String) { self.init(value) }

  package var columns: Int { DisplayWidth.columns(text) }
}
