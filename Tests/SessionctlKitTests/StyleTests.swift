import Testing

@testable import SessionctlKit

@Suite("Colours")
struct StyleTests {
  private func style(isTerminal: Bool = true, _ environment: [String: String] = [:]) -> Style {
    Style(isTerminal: isTerminal) { environment[$0] }
  }

  @Test("are there on a terminal only")
  func terminal() {
    #expect(style().isColoured)
    #expect(!style(isTerminal: false).isColoured)
  }

  @Test("are not there for who does not want them, or whose terminal knows none")
  func refused() {
    #expect(!style(["NO_COLOR": "1"]).isColoured)
    #expect(!style(["NO_COLOR": "0"]).isColoured)
    #expect(style(["NO_COLOR": ""]).isColoured)
    #expect(!style(["TERM": "dumb"]).isColoured)
    #expect(style(["TERM": "xterm"]).isColoured)
  }

  @Test("are put around a text, and nothing around plain or empty ones")
  func applied() {
    #expect(Style.coloured.apply(.good, to: "ok") == "\u{1B}[32mok\u{1B}[0m")
    #expect(Style.coloured.apply(.plain, to: "ok") == "ok")
    #expect(Style.coloured.apply(.bad, to: "") == "")
    for tone in Style.Tone.allCases { #expect(Style.plain.apply(tone, to: "ok") == "ok") }
  }
}
