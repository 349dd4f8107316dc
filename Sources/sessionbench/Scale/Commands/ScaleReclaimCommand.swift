import ArgumentParser
import Glibc
import SessionClient
import SystemCalls

/// Lets all sessions expire together, and tells what it costs to reclaim them.
struct ScaleReclaimCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reclaim",
    abstract: "Let all sessions expire together, and measure what it takes to reclaim them.",
    discussion: """
      Prints the nanoseconds of the reclaiming thread's processor time for each session, memory given back included, \
      and the milliseconds from the last deadline until none was left.
      """)

  /// Memory is given back a second after it became free.
  private static let stillNanoseconds: Int64 = 2_500_000_000

  @Option(help: "The daemon's socket.") var socket: String
  @Option(help: "The daemon's process.") var daemon: Int
  @Option(help: "Its thread that reclaims sessions.") var thread: Int
  @Option(help: "How many sessions there are.") var sessions: Int
  @Option(help: "Over how many milliseconds their deadlines are spread.") var spread = 1000

  func validate() throws {
    try OptionRange.check(
      ("--sessions", sessions, OptionRange.sessions),
      ("--spread", spread, 0...OptionRange.milliseconds.upperBound))
  }

  func run() async throws {
    let probe = DaemonProbe(socket: socket)
    try await probe.expect(sessions: sessions)
    let setter = DeadlineSetter(
      socket: socket, numbers: 0..<sessions, spreadNanoseconds: Int64(spread) * 1_000_000,
      quietNanoseconds: 100_000_000)
    let schedule = try setter.run()
    let before = try ProcessorTime.nanoseconds(of: daemon, thread: thread)
    while BootClock.system.now() < schedule.end { usleep(1000) }
    try await probe.wait("reclaim all sessions") { $0.sessions == 0 }
    let late = BootClock.system.now() - schedule.end
    try await probe.awaitMemory(stillFor: Self.stillNanoseconds)
    let time = try ProcessorTime.nanoseconds(of: daemon, thread: thread) - before
    let columns = [Double(time) / Double(sessions), Double(late) / 1_000_000]
    Report.line(columns.map(Report.tenths).joined(separator: " "))
  }
}
