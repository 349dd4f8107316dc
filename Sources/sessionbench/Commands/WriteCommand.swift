import ArgumentParser
import SessionWire
import SystemCalls

/// Writes at a steady rate, so that reads can be measured meanwhile.
struct WriteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "write",
    abstract: "Write at a steady rate.",
    discussion: """
      For each line of input, sets the value of sessions in random order for a while, and prints the rate that \
      was reached, in SETs a second.
      """)

  private static let ticksPerSecond = 1000
  /// The requests of so many ticks are made beforehand, so that making them takes no processor's time away.
  private static let preparedTicks = 64

  @Option(help: "The daemon's socket.") var socket: String
  @Option(help: "How many sessions there are.") var sessions = 10_000
  @Option(help: "SETs a second, in batches of a thousandth.") var rate = 100_000
  @Option(help: "How long a batch takes.") var milliseconds = 500

  func validate() throws {
    try OptionRange.check(
      ("--sessions", sessions, OptionRange.sessions), ("--rate", rate, OptionRange.requestsASecond),
      ("--milliseconds", milliseconds, OptionRange.milliseconds))
  }

  func run() throws {
    let requestsPerTick = max(1, rate / Self.ticksPerSecond)
    var order = RandomOrder(sessions: sessions)
    let prepared = try (0..<Self.preparedTicks).map { _ in
      try (0..<requestsPerTick).flatMap { _ in try SessionShape.change(SessionShape.id(order.next())) }
    }
    let connection = try RawConnection(socket)
    Report.line("ready")
    while readLine() != nil {
      var stopwatch = Stopwatch()
      stopwatch.start()
      for tick in 0..<milliseconds * Self.ticksPerSecond / 1000 {
        stopwatch.sleep(untilNanoseconds: Int64(tick) * 1_000_000_000 / Int64(Self.ticksPerSecond))
        try connection.send(prepared[tick % Self.preparedTicks])
        // Over the socket a reader of replies that are late makes the daemon wait, so none is left behind.
        try connection.expectLines(requestsPerTick, beginning: Server.sessiond.successBytes)
      }
      stopwatch.stop()
      let sets = requestsPerTick * milliseconds * Self.ticksPerSecond / 1000
      Report.line("\(Int64(sets) * 1_000_000_000 / max(1, stopwatch.nanoseconds))")
    }
  }
}
