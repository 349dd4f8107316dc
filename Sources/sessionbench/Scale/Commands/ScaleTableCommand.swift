import ArgumentParser

/// Puts what was measured by the number of sessions in a table.
struct ScaleTableCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "table",
    abstract: "Put measurements in a table.",
    discussion: """
      Each line of input is a number of sessions, the name of a column (read, set, bytes, reclaim, adoption, warm), \
      and what was measured; any number of lines for the same. Prints the medians, and the least and greatest values.
      """)

  @Flag(help: "Print the medians separated by tabs.") var tabs = false

  func run() throws {
    var table = ScaleTable()
    while let line = readLine() { try table.take(line) }
    for line in tabs ? table.tabSeparated : table.medians { Report.line(line) }
    if tabs { return }
    Report.line("\nleast and greatest:")
    for line in table.ranges { Report.line(line) }
  }
}
