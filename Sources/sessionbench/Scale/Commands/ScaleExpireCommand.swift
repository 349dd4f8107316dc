import ArgumentParser
import SessionClient
import SystemCalls

/// Lets very many sessions expire within a second, and looks how others fare meanwhile.
struct ScaleExpireCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "expire",
    abstract: "Measure others' requests while very many sessions expire together.",
    discussion: """
      A client reads and writes other sessions in turns, at a steady rate; what it would have sent while a reply was \
      late counts as late too. For each round prints of GET and then of SET what they took at most but for one in a \
      thousand, in microseconds, in quiet and from the first deadline until all is reclaimed, and the second by the \
      first; then the milliseconds from the last deadline until all was reclaimed, and how many requests there were \
      in quiet and meanwhile.
      """)

  /// Between two looks whether all are reclaimed.
  private static let sliceNanoseconds: Int64 = 100_000_000
  private static let patienceNanoseconds: Int64 = 60_000_000_000

  @Option(help: "The daemon's socket.") var socket: String
  @Option(help: "How many sessions expire.") var sessions = 1_000_000
  @Option(help: "How many others there are.") var others = 10_000
  @Option(help: "Requests of the client a second.") var rate = 10_000
  @Option(help: "For how many milliseconds it is measured before.") var quiet = 3000
  @Option(help: "Over how many milliseconds the deadlines are spread.") var spread = 1000
  @Option(help: "How many rounds.") var rounds = 5

  func validate() throws {
    try OptionRange.check(
      ("--sessions", sessions, OptionRange.sessions), ("--others", others, OptionRange.sessions),
      ("--rate", rate, 1...1_000_000), ("--quiet", quiet, OptionRange.milliseconds),
      ("--spread", spread, 0...OptionRange.milliseconds.upperBound), ("--rounds", rounds, OptionRange.rounds))
  }

  func run() async throws {
    let probe = DaemonProbe(socket: socket)
    var stream = try RequestStream(socket)
    try ScaleSession.fill(0..<others, &stream)
    let client = try PacedClient(socket: socket, sessions: others, requestsPerSecond: rate)
    for _ in 0..<rounds {
      try ScaleSession.fill(others..<others + sessions, &stream)
      try await probe.expect(sessions: others + sessions)
      Report.line(try await round(probe, client))
    }
  }

  /// The sessions are there, with much time left.
  private func round(_ probe: DaemonProbe, _ client: PacedClient) async throws -> String {
    let quietNanoseconds = Int64(quiet) * 1_000_000
    let setter = DeadlineSetter(
      socket: socket, numbers: others..<others + sessions, spreadNanoseconds: Int64(spread) * 1_000_000,
      quietNanoseconds: quietNanoseconds)
    let schedule = try setter.run()
    let (before, during, reclaimed) = try await measure(schedule, quietNanoseconds, probe, client)
    let gets = try Disturbance(quiet: before.gets, busy: during.gets)
    let sets = try Disturbance(quiet: before.sets, busy: during.sets)
    let late = Report.tenths(Double(max(0, reclaimed - schedule.end)) / 1_000_000)
    let columns = gets.columns + sets.columns + [late, String(before.requests), String(during.requests)]
    return columns.joined(separator: " ")
  }

  private func measure(
    _ schedule: ExpirySchedule, _ quietNanoseconds: Int64, _ probe: DaemonProbe, _ client: PacedClient
  ) async throws -> (before: PacedLatencies, during: PacedLatencies, reclaimed: Int64) {
    // What comes before the measured quiet warms the client up.
    var ignored = PacedLatencies(intervalNanoseconds: client.intervalNanoseconds)
    try client.run(until: schedule.start - quietNanoseconds, &ignored)
    var before = PacedLatencies(intervalNanoseconds: client.intervalNanoseconds)
    try client.run(until: schedule.start, &before)
    var during = PacedLatencies(intervalNanoseconds: client.intervalNanoseconds)
    try client.run(until: schedule.end, &during)
    while try await probe.statistics().sessions > others {
      let now = BootClock.system.now()
      guard now < schedule.end + Self.patienceNanoseconds else {
        throw BenchmarkFailure("a minute after the last deadline not all sessions are reclaimed")
      }
      try client.run(until: now + Self.sliceNanoseconds, &during)
    }
    return (before, during, BootClock.system.now())
  }
}
