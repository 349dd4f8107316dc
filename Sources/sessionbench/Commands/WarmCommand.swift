import ArgumentParser

/// Watches an empty cache being filled from its store.
struct WarmCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "warm",
    abstract: "Wait until the daemon has filled its cache from the store.",
    discussion: """
      Prints how many sessions a second were loaded while it looked, and how many there were when it began to.
      """)

  private static let pauseMicroseconds: UInt32 = 10_000

  @Option(help: "The daemon's socket.") var socket: String
  @Option(help: "How many sessions the store has.") var sessions: Int

  func run() async throws {
    let warmed = try await DaemonProbe(socket: socket).awaitWarm(
      sessions, pauseMicroseconds: Self.pauseMicroseconds)
    let seconds = Double(max(1, warmed.nanoseconds)) / 1e9
    Report.line("\(Int(Double(warmed.last - warmed.first) / seconds)) \(warmed.first)")
  }
}
