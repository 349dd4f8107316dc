/// Hit ratio and time against idle time and gap. Pure.
struct EffectTable {
  struct Row: Equatable {
    let pattern: AccessPattern
    /// What the model says, 0 to 1.
    let expectedRatio: Double
    let outcome: EffectTrial.Outcome
  }

  let title: String
  let rows: [Row]
  /// Of a use without a cache.
  let microsecondsWithoutCache: Double
  /// By how much the ratio may be beside the model's.
  let tolerance: Double

  private static let titleWidth = 26
  private static let width = 12

  var lines: [String] {
    let names = ["idle time", "gap", "hits", "model", "us a use", "factor"]
    return [line(title, names)]
      + rows.map { row in
        let time = row.outcome.microsecondsPerUse
        let cells = [
          Self.time(row.pattern.idle), Self.time(row.pattern.gap), Self.percent(row.outcome.ratio),
          Self.percent(row.expectedRatio), ColumnText.number(time),
          time > 0 ? "\(ColumnText.number(microsecondsWithoutCache / time))x" : "-",
        ]
        let isMet = (row.outcome.ratio - row.expectedRatio).magnitude <= tolerance
        return line("\(row.pattern.kind.rawValue) gaps", cells) + (isMet ? "  met" : "  short")
      }
  }

  private func line(_ title: String, _ cells: [String]) -> String {
    ColumnText.row(title, Self.titleWidth, cells, Self.width)
  }

  private static func percent(_ part: Double) -> String { "\(ColumnText.decimals(part * 100, 1)) %" }

  private static func time(_ milliseconds: Int) -> String {
    milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds) ms"
  }
}
