import TestSupport
import Testing

/// Sessions get one id after the other, as fast as it goes, while other processes look for them.
@Suite("A session that is renamed all the time is under exactly one id at every moment")
struct RenameStormTests {
  private static let seconds = Programs.runsLongTests ? 60.0 : 4.0
  private static let owners = 2

  private func start(
    _ daemon: DaemonProcess, _ command: String, _ number: Int, _ way: ProbeProcess.ReadWay, _ seed: UInt64,
    _ settings: [String] = []
  ) throws -> ProbeProcess {
    try ProbeProcess(
      command, name: "\(command)-\(number)", daemon: daemon, reads: way, seconds: Self.seconds,
      [
        "ledger=\(daemon.directory.file("storm"))", "sessions=8", "owners=\(Self.owners)",
        "seed=\(seed &+ UInt64(number))",
      ] + settings)
  }

  /// Owners of the sessions, and a reader for each way to read.
  private func storm(_ daemon: DaemonProcess, _ seed: UInt64) throws -> [ProbeProcess] {
    let owners = try (0..<Self.owners).map {
      try start(daemon, "storm", $0, .socket, seed, ["owner=\($0)"])
    }
    let readers = try ProbeProcess.ReadWay.allCases.enumerated().map {
      try start(daemon, "storm-read", $0, $1, seed &+ 100)
    }
    return owners + readers
  }

  private func finish(_ probes: [ProbeProcess]) throws -> [String: Int] {
    try probes.map { try $0.finish(within: Self.seconds + 60) }.reduce(into: [:]) { sum, counts in
      sum.merge(counts, uniquingKeysWith: +)
    }
  }

  private func expectPlenty(_ counts: [String: Int], _ seed: UInt64) {
    for what in ["renames", "refused", "found", "pursuits"] {
      #expect(counts[what, default: 0] >= 20, "\(what): too little to tell anything; seed \(seed)")
    }
  }

  @Test("for readers over the socket and out of memory, and under its last ids where there is a grace")
  func storm() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    try withDaemon { daemon in
      let probes = try storm(daemon, seed)
      expectPlenty(try finish(probes), seed)
      #expect(try daemon.mappedHits() > 100)
    }
  }

  @Test("also while the daemon is killed and started again")
  func kills() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix64(seed: seed)
    try withDaemon { daemon in
      let probes = try storm(daemon, seed)
      let end = secondsSinceBoot() + Self.seconds
      while secondsSinceBoot() < end {
        pause(milliseconds: UInt32(100 + random.pick(500)))
        try daemon.restart()
        for probe in probes { try probe.check() }
      }
      let counts = try finish(probes)
      #expect(counts["lost", default: 0] > 0, "no kill met a request; seed \(seed)")
      expectPlenty(counts, seed)
    }
  }
}
