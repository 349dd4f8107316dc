import ArgumentParser

/// Does a number of requests that depend neither on the time nor on chance, so that instructions and allocations can be
/// counted.
struct CountCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "count",
    abstract: "Do a fixed number of requests, the same ones each time.",
    discussion: """
      Makes sessions of its own; then, for each line of input, does so many requests, one session after the other, and \
      prints the nanoseconds that one took, of the clock and of this process's processor time, and how many they were. \
      scripts/check-perf.sh counts the instructions of the daemon meanwhile, or its own where it reads out of the \
      mapping.
      """)

  /// All of their replies fit into a socket.
  private static let depthMost = 64
  private static let piecesMost = 1000

  @Option(help: "The daemon's socket.") var socket: String
  @Option(help: "What to do.") var path: CountedPath
  @Option(help: "How many requests for a line of input: a multiple of those in flight, or of --sessions.")
  var requests = 10_240
  @Option(help: "How many are in flight on a connection: sent at once, all answered before the next.")
  var depth = 1
  @Option(help: "In how many pieces they are sent.") var pieces = 1
  @Option(help: "Over how many connections.") var connections = 1
  @Option(help: "How many sessions: a multiple of --depth.") var sessions = 1024

  func validate() throws {
    try OptionRange.check(
      ("--requests", requests, OptionRange.requests), ("--pieces", pieces, 1...Self.piecesMost),
      ("--connections", connections, OptionRange.connections), ("--sessions", sessions, OptionRange.sessions),
      ("--depth", depth, 1...Self.depthMost))
    guard sessions % depth == 0 else {
      throw ValidationError("--sessions (\(sessions)) has to be a multiple of --depth (\(depth))")
    }
    guard !path.isMapped || (depth, pieces, connections) == (1, 1, 1) else {
      throw ValidationError("--depth, --pieces and --connections are not for reads out of the mapping")
    }
    let step = path.isMapped ? sessions : depth * connections
    guard requests % step == 0 else {
      throw ValidationError("--requests has to be a multiple of \(step), and \(requests) is not")
    }
  }

  func run() throws {
    let work = try self.work()
    Report.line("ready \(path.rawValue) sessions=\(sessions) depth=\(depth) connections=\(connections)")
    while readLine() != nil {
      var stopwatch = Stopwatch()
      stopwatch.start()
      try work.run(requests)
      stopwatch.stop()
      let time = Report.tenths(Double(stopwatch.nanoseconds) / Double(requests))
      let processorTime = Report.tenths(Double(stopwatch.processorNanoseconds) / Double(requests))
      Report.line("\(time) \(processorTime) \(requests)")
    }
  }

  private func work() throws -> any CountedWork {
    if path.isMapped { return try CountedReads(socket: socket, path: path, sessions: sessions) }
    return try CountedRequests(
      socket: socket, path: path, sessions: sessions, connections: connections, depth: depth, pieces: pieces)
  }
}
