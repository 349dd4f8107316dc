import ArgumentParser
import SystemCalls

/// Sets values of small sessions in random order, over one connection.
struct ScaleSetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Set values of small sessions in random order, one request after the other.",
    discussion: """
      For each line of input, sets values for a while, and prints the microseconds that one took, the median, the \
      99th percentile and 99.9 per cent, and how many that were.
      """)

  @Option(help: "The daemon's socket.") var socket: String
  @Option(help: "How many sessions there are.") var sessions: Int
  @Option(help: "How long a batch takes.") var milliseconds = 500

  func validate() throws {
    try OptionRange.check(
      ("--sessions", sessions, OptionRange.sessions),
      ("--milliseconds", milliseconds, OptionRange.milliseconds))
  }

  func run() throws {
    let connection = try RawConnection(socket)
    var change = try ScaleSession.change()
    var order = RandomOrder(sessions: sessions)
    Report.line("ready sessions=\(sessions) seed=\(order.seed)")
    while readLine() != nil {
      var latencies = Latencies()
      let end = BootClock.system.now() + Int64(milliseconds) * 1_000_000
      repeat {
        change.name(SessionShape.id(order.next()))
        let sentAt = BootClock.system.now()
        try connection.send(change.bytes)
        try connection.expectLines(1, beginning: Server.sessiond.successBytes)
        latencies.record(BootClock.system.now() - sentAt)
      } while BootClock.system.now() < end
      let columns = [50, 99, 99.9].map { Report.tenths(latencies.microseconds($0)) }
      Report.line("\(columns.joined(separator: " ")) \(latencies.count)")
    }
  }
}
