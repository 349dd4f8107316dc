/// How many columns of a terminal a text takes, and texts that fit into so many.
package enum DisplayWidth {
  /// Marks take none, East Asian wide characters and emoji two (Unicode Standard Annex 11), the rest one.
  package static func columns(_ text: String) -> Int {
    // Most texts are ASCII, of which each byte takes one.
    text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.count : text.reduce(0) { $0 + columns($1) }
  }

  private static func columns(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default:
      let isWide =
        scalar.properties.isEmojiPresentation || isAskedToBeEmoji(character)
        || wide.contains { $0.contains(scalar.value) }
      return isWide ? 2 : 1
    }
  }

  /// A sign that is text by itself, digits among them, becomes a wide picture by variation selector 16.
  private static func isAskedToBeEmoji(_ character: Character) -> Bool {
    let scalars = character.unicodeScalars
    return scalars.first?.properties.isEmoji == true && scalars.dropFirst().contains("\u{FE0F}")
  }

  /// What is wide beside the emoji that Unicode's data of the standard library knows, flags among them. The blocks
  /// of emoji are here as a whole, for those that come with later versions: a line that is thought too wide is cut
  /// early, one that is thought too narrow would reach into the next.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2329...0x232A, 0x2630...0x2637, 0x268A...0x268F, 0x2E80...0x303E, 0x3041...0xA4CF,
    0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60,
    0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1D300...0x1D376, 0x1F1E6...0x1F265,
    0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F7E0...0x1F7F0, 0x1F900...0x1F9FF, 0x1FA70...0x1FAFF,
    0x20000...0x3FFFD,
  ]

  /// The text, or as much of it as fits with a sign that there was more.
  package static func cut(_ text: String, to most: Int) -> String {
    guard columns(text) > most else { return text }
    guard most > 0 else { return "" }
    var (kept, taken) = ("", 0)
    for character in text {
      taken += columns(character)
      if taken > most - 1 { break }
      kept.append(character)
    }
    return kept + "…"
  }

  /// The text with what a terminal would obey, or not show, written out: ids are whatever programs made them.
  ///
  /// A backslash is doubled where something is written out, and in a text that holds what looks like it: so no text
  /// is shown as another one that has such characters. All other backslashes stay as they are.
  package static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHidden) || text.utf8.contains(escapeStart.utf8) else {
      return text
    }
    var shown = ""
    for scalar in text.unicodeScalars {
      if isHidden(scalar) {
        shown += "\(escapeStart)\(String(scalar.value, radix: 16))}"
      } else {
        shown.unicodeScalars.append(contentsOf: scalar == "\\" ? [scalar, scalar] : [scalar])
      }
    }
    return shown
  }

  private static let escapeStart = #"\u{"#

  /// Whether a terminal would obey it, or not show it.
  static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
    return switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
    default: false
    }
  }
}
