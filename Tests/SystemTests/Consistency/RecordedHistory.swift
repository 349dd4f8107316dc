import Linearizability

/// Clients in several processes that write down what they ask and what they hear, all on the same sessions.
struct RecordedHistory {
  private static let processes = 4
  /// Each with requests of its own under way, so that eight are at once.
  private static let tasksEach = 2

  private let daemon: DaemonProcess
  private let recorders: [ProbeProcess]

  /// Starts them; they end by themselves after so many seconds.
  init(_ daemon: DaemonProcess, reads: ProbeProcess.ReadWay, seconds: Double, seed: UInt64) throws {
    self.daemon = daemon
    let start = Int64(secondsSinceBoot() * 1e9)
    recorders = try (0..<Self.processes).map { number in
      let name = "recorder-\(number)"
      return try ProbeProcess(
        "record", name: name, daemon: daemon, reads: reads, seconds: seconds,
        [
          "out=\(daemon.directory.file("\(name).history"))", "name=c\(number)-", "start=\(start)",
          "seed=\(seed &+ UInt64(number))", "sessions=3", "operations=40", "tasks=\(Self.tasksEach)",
        ])
    }
  }

  /// Waits for them, and puts together what they wrote.
  func finish(within seconds: Double, losesConnections: Bool) throws -> HistoryParser {
    for recorder in recorders { try recorder.finish(within: seconds) }
    var parser = HistoryParser(deletesMayRepeat: losesConnections)
    for recorder in recorders {
      try parser.add(
        Files.text(daemon.directory.file("\(recorder.name).history")), client: recorder.name)
    }
    return parser
  }
}
