import ArgumentParser
import Glibc
import SystemCalls

/// Watches an empty cache being filled from its store.
struct WarmCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "warm",
    abstract: "Wait until the daemon has filled its cache from the store.",
    discussion: """
      Prints how many sessions a second were loaded while it looked, and how many there were when it began to.
      """)

  private static let pauseMicroseconds: UInt32 = 10_000
  private static let stillNanoseconds: Int64 = 10_000_000_000

  @Option(help: "The daemon's socket.") var socket: String
  @Option(help: "How many sessions the store has.") var sessions: Int

  func run() async throws {
    let probe = StoreProbe(socket: socket)
    let first = try await probe.warmed()
    let start = BootClock.system.now()
    var loaded = first
    var changedAt = start
    while loaded < sessions {
      usleep(Self.pauseMicroseconds)
      let now = BootClock.system.now()
      let warm = try await probe.warmed()
      if warm > loaded { (loaded, changedAt) = (warm, now) }
      guard now - changedAt < Self.stillNanoseconds else {
        throw BenchmarkFailure("it stopped at \(loaded) of \(sessions) sessions")
      }
    }
    let seconds = Double(max(1, changedAt - start)) / 1e9
    Report.line("\(Int(Double(loaded - first) / seconds)) \(first)")
  }
}
