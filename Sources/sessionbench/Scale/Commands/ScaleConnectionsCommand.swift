import ArgumentParser
import SystemCalls

/// Reads small sessions over many connections in turns.
struct ScaleConnectionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "connections",
    abstract: "Read small sessions over many connections, each in its turn.",
    discussion: """
      A reply lets the connection send that has waited for the longest time, so that all are in use. For each round \
      prints GETs a second; microseconds that one took, the median and 99.9 per cent; how many GETs that were.
      """)

  @Option(help: "The daemon's socket.") var socket: String
  @Option(help: "How many connections.") var connections: Int
  @Option(help: "How many requests at most are under way, one of a connection; 0: one of each.")
  var inFlight = 0
  @Option(help: "How many sessions there are.") var sessions = 10_000
  @Option(help: "How many rounds, after one that is not told of.") var rounds = 5
  @Option(help: "How long a round takes.") var milliseconds = 500

  func validate() throws {
    try OptionRange.check(
      ("--connections", connections, OptionRange.connections),
      ("--in-flight", inFlight, 0...OptionRange.connections.upperBound),
      ("--sessions", sessions, OptionRange.sessions), ("--rounds", rounds, OptionRange.rounds),
      ("--milliseconds", milliseconds, OptionRange.milliseconds))
  }

  func run() throws {
    var order = RandomOrder(sessions: sessions)
    var read = try ScaleSession.read()
    let loop = try ClosedLoop(socket: socket, connections: connections) {
      read.name(SessionShape.id(order.next()))
      return read.bytes
    }
    let atOnce = inFlight == 0 ? connections : min(inFlight, connections)
    let nanoseconds = Int64(milliseconds) * 1_000_000
    _ = try loop.run(nanoseconds: nanoseconds, inFlight: atOnce)
    for _ in 0..<rounds {
      let start = BootClock.system.now()
      let latencies = try loop.run(nanoseconds: nanoseconds, inFlight: atOnce)
      let seconds = Double(BootClock.system.now() - start) / 1e9
      let rate = Int(Double(latencies.count) / seconds)
      let times = [50, 99.9].map { Report.tenths(latencies.microseconds($0)) }
      Report.line("\(rate) \(times.joined(separator: " ")) \(latencies.count)")
    }
  }
}
