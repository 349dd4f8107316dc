import ArgumentParser
import Glibc
import SystemCalls

/// Waits for a daemon that fills its empty cache from a store.
struct ScaleWarmCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "warm",
    abstract: "Wait until a daemon that was just started has filled its cache from the store.",
    discussion: "Prints the milliseconds from the start until then.")

  private static let pauseMicroseconds: UInt32 = 2000
  private static let patienceNanoseconds: Int64 = 10_000_000_000

  @Option(help: "The daemon's socket.") var socket: String
  @Option(help: "How many sessions the store has.") var sessions: Int
  @Option(help: "When it was started, in microseconds since 1970.") var since: Int64

  func run() async throws {
    try Self.awaitSocket(socket)
    _ = try await DaemonProbe(socket: socket).awaitWarm(sessions, pauseMicroseconds: Self.pauseMicroseconds)
    let microseconds = BootClock.system.wallClock() / 1000 - since
    Report.line(Report.tenths(Double(microseconds) / 1000))
  }

  /// Until it takes connections.
  private static func awaitSocket(_ path: String) throws {
    let end = BootClock.system.now() + patienceNanoseconds
    while try !takesConnections(path) {
      guard BootClock.system.now() < end else { throw BenchmarkFailure("nobody listens on \(path)") }
      usleep(pauseMicroseconds)
    }
  }

  private static func takesConnections(_ path: String) throws -> Bool {
    do {
      _ = try RawConnection(path)
      return true
    } catch let error as SystemCallError where error.code == ENOENT || error.code == ECONNREFUSED {
      // It is not there yet, or the one of the daemon before is there still.
      return false
    }
  }
}
