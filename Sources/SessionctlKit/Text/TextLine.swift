/// A line of pieces that look different, which can be cut to a width before it is coloured.
package struct TextLine: Equatable, Sendable, ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
  package private(set) var pieces: [TextPiece]

  package init(_ pieces: [TextPiece]) { self.pieces = pieces }
  package init(stringLiteral value: String) { pieces = [TextPiece(value)] }
  package init(arrayLiteral elements: TextPiece...) { pieces = elements }

  /// How many columns it takes.
  package var columns: Int { pieces.reduce(0) { $0 + $1.columns } }

  package mutating func append(_ piece: TextPiece) { pieces.append(piece) }

  /// Goes on at a column, or behind what is there if that is longer.
  package mutating func pad(to column: Int) {
    let missing = column - columns
    if missing > 0 { pieces.append(TextPiece(String(repeating: " ", count: missing))) }
  }

  /// - Parameter most: so many columns there are.
  package func text(_ style: Style, columns most: Int = .max) -> String {
    var (text, left) = ("", most)
    for piece in pieces where left > 0 {
      text += style.apply(piece.tone, to: DisplayWidth.cut(piece.text, to: left))
      left -= piece.columns
    }
    return text
  }
}
