import ArgumentParser
import SystemCalls

/// Sets values of sessions in random order, one request a connection at a time.
struct LoopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loop",
    abstract: "Set values, one request a connection at a time.",
    discussion: """
      For each line of input, sets values for a while, and prints: nanoseconds from one reply to the next, of all \
      connections together; microseconds that a request took, the median and the 99th percentile; nanoseconds of the \
      daemon's processor time for a request (0 without --daemon); how many requests there were.
      """)

  private static let preparedMost = 65_536

  @Option(help: "The daemon's socket.") var socket: String
  @Option(help: "How many connections.") var connections = 50
  @Option(help: "How many sessions there are.") var sessions = 10_000
  @Option(help: "How long a batch takes.") var milliseconds = 2000
  @Option(help: "For how long it goes on before that unmeasured, so that the store is at it as well.")
  var lead = 1100
  @Option(help: "The daemon's process.") var daemon: Int?

  func validate() throws {
    try OptionRange.check(
      ("--connections", connections, OptionRange.connections), ("--sessions", sessions, OptionRange.sessions),
      ("--milliseconds", milliseconds, OptionRange.milliseconds), ("--lead", lead, 0...60_000))
  }

  func run() throws {
    var order = RandomOrder(sessions: sessions)
    let seed = order.seed
    let requests = try (0..<min(4 * sessions, Self.preparedMost)).map { _ in
      try SessionShape.change(SessionShape.id(order.next()))
    }
    var sent = 0
    let loop = try ClosedLoop(socket: socket, connections: connections) {
      defer { sent += 1 }
      return requests[sent % requests.count]
    }
    Report.line("ready connections=\(connections) sessions=\(sessions) seed=\(seed)")
    while readLine() != nil {
      if lead > 0 { _ = try loop.run(nanoseconds: Int64(lead) * 1_000_000, inFlight: connections) }
      let before = try daemon.map { try ProcessorTime.nanoseconds(of: $0) } ?? 0
      let start = BootClock.system.now()
      let latencies = try loop.run(
        nanoseconds: Int64(milliseconds) * 1_000_000, inFlight: connections)
      let time = BootClock.system.now() - start
      let processorTime = (try daemon.map { try ProcessorTime.nanoseconds(of: $0) } ?? 0) - before
      let count = Double(latencies.count)
      let columns = [
        Double(time) / count, latencies.microseconds(50), latencies.microseconds(99),
        Double(processorTime) / count,
      ]
      Report.line("\(columns.map(Report.tenths).joined(separator: " ")) \(latencies.count)")
    }
  }
}
