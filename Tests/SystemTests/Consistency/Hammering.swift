/// Processes that write and read a few sessions as fast as they can, while others come and go.
struct Hammering {
  private static let sessions = 8
  private static let writers = 2

  /// What the processes did, all together: reads, values and missing ones, writes, removals, expirations.
  typealias Counts = [String: Int]

  private let probes: [ProbeProcess]
  let readers: [ProbeProcess]

  /// Starts them; they end by themselves after so many seconds.
  ///
  /// - Parameter reads: how each of the readers reads.
  init(_ daemon: DaemonProcess, seconds: Double, readers ways: [ProbeProcess.ReadWay], seed: UInt64) throws {
    readers = try Self.readers(daemon, seconds: seconds, ways, seed: seed)
    let writers = try (0..<Self.writers).map {
      try Self.start(daemon, "hammer-write", $0, .socket, seconds, seed, ["writer=\($0)"])
    }
    let crowd = try Self.start(daemon, "crowd", 0, .socket, seconds, seed, ["count=3000"])
    probes = readers + writers + [crowd]
  }

  /// Starts readers alone.
  static func readers(
    _ daemon: DaemonProcess, seconds: Double, _ ways: [ProbeProcess.ReadWay], seed: UInt64
  ) throws -> [ProbeProcess] {
    try ways.enumerated().map { number, way in
      try start(daemon, "hammer-read", number, way, seconds, seed, [])
    }
  }

  private static func start(
    _ daemon: DaemonProcess, _ command: String, _ number: Int, _ way: ProbeProcess.ReadWay,
    _ seconds: Double, _ seed: UInt64, _ settings: [String]
  ) throws -> ProbeProcess {
    try ProbeProcess(
      command, name: "\(command)-\(number)", daemon: daemon, reads: way, seconds: seconds,
      [
        "ledger=\(daemon.directory.file("ledger"))", "sessions=\(sessions)", "writers=\(writers)",
        "seed=\(seed &+ UInt64(number))",
      ] + settings)
  }

  /// Throws what a process complains about that has ended before its time.
  func check() throws {
    for probe in probes { try probe.check() }
  }

  func finish(within seconds: Double) throws -> Counts {
    try probes.map { try $0.finish(within: seconds) }.reduce(into: [:]) { sum, counts in
      sum.merge(counts, uniquingKeysWith: +)
    }
  }
}
