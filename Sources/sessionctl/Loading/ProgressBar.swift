import SessionctlKit

/// How far a long command is, in one line of a terminal that is written over again and again.
struct ProgressBar {
  private let isVisible: Bool
  /// What there is to do in all; nil if nobody knows.
  private let total: Int?
  private let began = ContinuousClock.now
  private var shownAt: ContinuousClock.Instant?
  private var isShown = false

  /// The bar itself, in columns; the line with all its numbers fits the 80 of the narrowest terminal in use.
  private static let width = 24
  /// More often than this nobody can read.
  private static let pause = Duration.milliseconds(100)
  /// Back to the first column, and everything behind it away (ECMA-48: EL).
  private static let lineStart = "\r\u{1B}[K"

  /// - Parameter total: shown where standard error is a terminal only.
  init(total: Int?) {
    self.total = total
    isVisible = Terminal.canShowProgress
  }

  /// - Parameters:
  ///   - done: how much of the total.
  ///   - tally: what it amounts to.
  mutating func show(_ done: Int, _ tally: LoadTally) {
    guard isVisible else { return }
    let now = ContinuousClock.now
    if let shownAt, now - shownAt < Self.pause { return }
    shownAt = now
    isShown = true
    Terminal.progress(Self.lineStart + line(done, tally, seconds: (now - began) / .seconds(1)))
  }

  private func line(_ done: Int, _ tally: LoadTally, seconds: Double) -> String {
    var line = ""
    if let total, total > 0 {
      let part = min(1, Double(done) / Double(total))
      let filled = Int(part * Double(Self.width))
      line =
        "[" + String(repeating: "=", count: filled) + String(repeating: " ", count: Self.width - filled) + "]"
      line += Shown.right("\(Int(part * 100)) %  ", 8)
    }
    line += Shown.count(tally.lines) + " lines"
    if seconds > 0.5 { line += ", \(Shown.count(Int(Double(tally.lines) / seconds)))/s" }
    if tally.failed > 0 { line += ", \(Shown.count(tally.failed)) failed" }
    return line
  }

  /// Makes room for something else to be said.
  mutating func hide() {
    if isShown { Terminal.progress(Self.lineStart) }
    isShown = false
  }
}
