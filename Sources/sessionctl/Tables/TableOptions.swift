import ArgumentParser

/// For commands whose lines are for programs, and whose tables for people.
struct TableOptions: ParsableArguments {
  @Flag(help: "Print a table, as on a terminal, instead of plain lines.")
  var table = false

  /// - Parameter json: whether JSON is asked for, which goes before.
  func wantsTable(json: Bool) -> Bool { !json && (table || Terminal.isWatched) }
}
