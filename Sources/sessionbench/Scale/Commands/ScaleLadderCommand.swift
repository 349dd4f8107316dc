import ArgumentParser

/// Says which numbers of sessions can be measured on this machine.
struct ScaleLadderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ladder",
    abstract: "Print the numbers of sessions for which there is room.",
    discussion: """
      A line for each, the smallest first: how many sessions, and the mebibytes of max-memory that a daemon with them \
      needs. All of these daemons fit the room together.
      """)

  @Option(help: "The largest number of sessions.") var most = 5_000_000
  @Option(help: "How many mebibytes all may take.") var room: Int

  func validate() throws {
    try OptionRange.check(("--most", most, OptionRange.sessions))
  }

  func run() throws {
    let ladder = ScaleLadder(most: most, roomMebibytes: room)
    guard !ladder.rungs.isEmpty else {
      throw BenchmarkFailure("\(room) MiB are too little for the smallest number of sessions")
    }
    for rung in ladder.rungs { Report.line("\(rung.sessions) \(rung.mebibytes)") }
  }
}
