/// What a text looks like on a terminal (ECMA-48: SGR); elsewhere it is plain.
package struct Style: Sendable {
  /// What is meant, not which colour it is. The colours are the terminal's first eight, which people choose to be
  /// readable on their background.
  package enum Tone: Sendable, CaseIterable {
    case plain, strong, faint, good, warning, bad, accent

    fileprivate var code: String? {
      switch self {
      case .plain: nil
      case .strong: "1"
      case .faint: "2"
      case .good: "32"
      case .warning: "33"
      case .bad: "1;31"
      case .accent: "36"
      }
    }
  }

  /// Whether it colours anything.
  package let isColoured: Bool

  /// For output that nobody looks at, and for people who want none.
  package static let plain = Style(isColoured: false)
  package static let coloured = Style(isColoured: true)

  private init(isColoured: Bool) { self.isColoured = isColoured }

  /// Colours only on a terminal that knows them, and not for who has set NO_COLOR to anything (no-color.org).
  package init(isTerminal: Bool, environment: (String) -> String?) {
    let refuses = environment("NO_COLOR").map { !$0.isEmpty } ?? false
    isColoured = isTerminal && !refuses && environment("TERM") != "dumb"
  }

  package func apply(_ tone: Tone, to text: String) -> String {
    guard isColoured, !text.isEmpty, let code = tone.code else { return text }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }
}
