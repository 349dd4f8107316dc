/// Rows with their cells in columns. Lines can be taken as rows come: columns never get narrower, so that what
/// follows stays below what was printed before.
package struct Table: Sendable {
  package struct Column: Sendable {
    fileprivate let title: String
    fileprivate let isRight: Bool
    fileprivate let least: Int

    /// - Parameter least: so many columns of the terminal at least, for rows that are not known yet.
    package static func left(_ title: String, least: Int = 0) -> Column {
      Column(title: title, isRight: false, least: least)
    }

    /// For numbers.
    package static func right(_ title: String, least: Int = 0) -> Column {
      Column(title: title, isRight: true, least: least)
    }
  }

  private let columns: [Column]
  private var widths: [Int]
  private var rows: [[TextPiece]] = []
  private var needsHeader = true

  package init(_ columns: Column...) {
    self.columns = columns
    widths = columns.map { max($0.least, DisplayWidth.columns($0.title)) }
  }

  package var isEmpty: Bool { rows.isEmpty }

  /// Adds a row; cells that it lacks are empty.
  package mutating func add(_ cells: [TextPiece]) {
    precondition(cells.count <= columns.count, "a row has a cell for each column at most")
    for (index, cell) in cells.enumerated() { widths[index] = max(widths[index], cell.columns) }
    rows.append(cells)
  }

  package mutating func add(_ cells: TextPiece...) { add(cells) }

  /// The rows that were added since the last time, with the titles above the first of all.
  package mutating func takeLines() -> [TextLine] {
    var lines = needsHeader ? [line(columns.map { TextPiece($0.title, .strong) })] : []
    lines += rows.map(line)
    rows = []
    needsHeader = false
    return lines
  }

  private func line(_ cells: [TextPiece]) -> TextLine {
    var line = TextLine([])
    var start = 0
    for (index, cell) in cells.enumerated() {
      line.pad(to: columns[index].isRight ? start + widths[index] - cell.columns : start)
      line.append(cell)
      start += widths[index] + 2
    }
    return line
  }
}
