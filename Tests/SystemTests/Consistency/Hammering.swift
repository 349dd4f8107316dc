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
    func start(_ command: String, _ number: Int, _ way: ProbeProcess.ReadWay, _ settings: [String]) throws
      -> ProbeProcess
    {
      try ProbeProcess(
        command, name: "\(command)-\(number)", daemon: daemon, reads: way, seconds: seconds,
        [
          "ledger=\(daemon.directory.file("ledger"))", "sessions=\(Self.sessions)",
          "writers=\(Self.writers)", "seed=\(seed &+ UInt64(number))",
        ] + settings)
    }
    readers = try ways.enumerated().map { try start("hammer-read", $0.offset, $0.element, []) }
    let writers = try (0..<Self.writers).map { try start("hammer-write", $0, .socket, ["writer=\($0)"]) }
    let crowd = try start("crowd", 0, .socket, ["count=3000"])
    probes = readers + writers + [crowd]
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
