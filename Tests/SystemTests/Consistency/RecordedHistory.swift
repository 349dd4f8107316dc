import Linearizability

/// Clients in several processes that write down what they ask and what they hear, all on the same sessions.
struct RecordedHistory {
  private static let processes = 4
  /// Each with requests of its own under way, so that eight are at once.
  private static let tasksEach = 2

  private let directories: [TemporaryDirectory]
  private let recorders: [ProbeProcess]

  /// Starts them; they end by themselves after so many seconds.
  init(_ daemon: DaemonProcess, reads: ProbeProcess.ReadWay, seconds: Double, seed: UInt64) throws {
    try self.init([daemon], reads: reads, seconds: seconds, seed: seed)
  }

  /// Shares them out among daemons with one store.
  ///
  /// - Parameters:
  ///   - calls: which requests they make up, by their name for the probe.
  ///   - meetsOutages: whether the store is away for a while: then they work on the same sessions for long enough to see
  ///     it go or come back, and may be refused.
  init(
    _ daemons: [DaemonProcess], reads: ProbeProcess.ReadWay, seconds: Double, seed: UInt64,
    calls: String = "all", meetsOutages: Bool = false
  ) throws {
    let pace =
      meetsOutages
      ? ["round-ms=1200", "pause-ms=25", "outages=1"] : ["round-ms=100", "pause-ms=0", "outages=0"]
    let start = Int64(secondsSinceBoot() * 1e9)
    directories = (0..<Self.processes).map { daemons[$0 % daemons.count].directory }
    recorders = try (0..<Self.processes).map { number in
      let name = "recorder-\(number)"
      let daemon = daemons[number % daemons.count]
      return try ProbeProcess(
        "record", name: name, daemon: daemon, reads: reads, seconds: seconds,
        [
          "out=\(daemon.directory.file("\(name).history"))", "name=c\(number)-", "start=\(start)",
          "seed=\(seed &+ UInt64(number))", "sessions=3", "operations=40", "tasks=\(Self.tasksEach)",
          "calls=\(calls)",
        ] + pace)
    }
  }

  /// Waits for them, and puts together what they wrote.
  func finish(within seconds: Double, losesConnections: Bool) throws -> HistoryParser {
    for recorder in recorders { try recorder.finish(within: seconds) }
    var parser = HistoryParser(deletesMayRepeat: losesConnections)
    for (recorder, directory) in zip(recorders, directories) {
      try parser.add(Files.text(directory.file("\(recorder.name).history")), client: recorder.name)
    }
    return parser
  }
}
