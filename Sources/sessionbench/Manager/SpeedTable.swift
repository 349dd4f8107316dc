/// The original's table, and the spread of each of its numbers. Pure.
struct SpeedTable {
  let results: SpeedResults

  private static let titleWidth = 18
  private static let cellWidth = 24
  private static let longTitleWidth = 37
  private static let numberWidth = 10

  var lines: [String] { summary + [""] + spread }

  private var summary: [String] {
    let rows = SpeedRow.allCases.map { row in
      line(row.rawValue, "\(ColumnText.number(row.expectedFactor))x") { cell(row, $0) }
    }
    return [line("ns an operation", "expected") { $0.rawValue }] + rows
  }

  private func line(_ title: String, _ last: String, _ cell: (KeeperKind) -> String) -> String {
    ColumnText.row(title, Self.titleWidth, KeeperKind.allCases.map(cell), Self.cellWidth)
      + ColumnText.right(last, Self.numberWidth)
  }

  private func cell(_ row: SpeedRow, _ kind: KeeperKind) -> String {
    guard let time = results.nanoseconds(row, kind) else { return "-" }
    guard let factor = results.factor(row, kind) else { return ColumnText.number(time.median) }
    return "\(ColumnText.number(time.median)) \(ColumnText.number(factor.median))x \(verdict(row, factor))"
  }

  private func verdict(_ row: SpeedRow, _ factor: RoundSpread) -> String {
    factor.median >= row.expectedFactor ? "met" : "short"
  }

  private var spread: [String] {
    let names = ["ns", "lowest", "highest", "factor", "lowest", "highest"]
    var lines = [ColumnText.row("medians and spread", Self.longTitleWidth, names, Self.numberWidth)]
    for row in SpeedRow.allCases {
      for kind in KeeperKind.allCases {
        guard let time = results.nanoseconds(row, kind) else { continue }
        let numbers = [time, results.factor(row, kind)].compactMap(\.self).flatMap {
          [$0.median, $0.lowest, $0.highest]
        }
        let title = "\(row.rawValue), \(kind.rawValue)"
        lines.append(
          ColumnText.row(title, Self.longTitleWidth, numbers.map(ColumnText.number), Self.numberWidth))
      }
    }
    return lines
  }
}
