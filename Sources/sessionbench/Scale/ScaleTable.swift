/// What was measured, by the number of sessions.
struct ScaleTable {
  private static let firstWidth = 10
  private static let columnWidth = 17
  private static let absent = "–"
  /// No measurement is as large, and what is can't be rounded to a whole number.
  private static let valueMost = 1e15

  private var cells: [Int: [ScaleColumn: [Double]]] = [:]

  /// The numbers of sessions that there are, the least first.
  var sessions: [Int] { cells.keys.sorted() }

  /// Adds a measurement: the number of sessions, the column, and the value, with a space between.
  ///
  /// - Throws: `BenchmarkFailure` for anything else.
  mutating func take(_ line: String) throws {
    let words = line.split(separator: " ")
    guard words.count == 3, let sessions = Int(words[0]), sessions > 0,
      let column = ScaleColumn(rawValue: String(words[1])), let value = Double(words[2]),
      abs(value) < Self.valueMost
    else {
      throw BenchmarkFailure("'\(line)' is no number of sessions, column and value")
    }
    cells[sessions, default: [:]][column, default: []].append(value)
  }

  /// Nil where nothing was measured.
  func spread(_ sessions: Int, _ column: ScaleColumn) -> RoundSpread? {
    RoundSpread(cells[sessions]?[column] ?? [])
  }

  /// The medians for people, with a heading.
  var medians: [String] {
    lines { spread, column in ColumnText.grouped(spread.median, column.decimals) }
  }

  /// The least and the greatest value of each, for people, with a heading.
  var ranges: [String] {
    lines { spread, column in
      [spread.lowest, spread.highest].map { ColumnText.grouped($0, column.decimals) }.joined(separator: "–")
    }
  }

  /// The medians for programs: separated by tabs, nothing between them where nothing was measured, with a heading.
  var tabSeparated: [String] {
    let heading = (["# sessions"] + ScaleColumn.allCases.map(\.name)).joined(separator: "\t")
    let rows = sessions.map { sessions in
      let values = ScaleColumn.allCases.map { column in
        spread(sessions, column).map { ColumnText.decimals($0.median, column.decimals) } ?? ""
      }
      return ([String(sessions)] + values).joined(separator: "\t")
    }
    return [heading] + rows
  }

  private func lines(_ cell: (RoundSpread, ScaleColumn) -> String) -> [String] {
    let heading = row("sessions", ScaleColumn.allCases.map(\.title))
    return [heading]
      + sessions.map { sessions in
        let cells = ScaleColumn.allCases.map { column in
          spread(sessions, column).map { cell($0, column) } ?? Self.absent
        }
        return row(ColumnText.grouped(Double(sessions)), cells)
      }
  }

  private func row(_ first: String, _ rest: [String]) -> String {
    ColumnText.row(ColumnText.right(first, Self.firstWidth), Self.firstWidth, rest, Self.columnWidth)
  }
}
