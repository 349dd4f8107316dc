import Linearizability
import Testing

@Suite("What several processes see")
struct HistoryTests {
  /// How long clients write their histories; checking them takes about as long.
  private static let seconds = Programs.runsLongTests ? 60.0 : 4.0

  @Test("is linearizable: eight clients in four processes", arguments: ProbeProcess.ReadWay.allCases)
  func linearizable(reads: ProbeProcess.ReadWay) throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    try withDaemon { daemon in
      let history = try RecordedHistory(daemon, reads: reads, seconds: Self.seconds, seed: seed)
      let parser = try history.finish(within: Self.seconds + 60, losesConnections: false)
      #expect(LinearizabilityChecker().faults(in: parser.sessions) == [], "seed \(seed)")
      #expect(parser.count > 2_000, "too little was done to tell anything")
    }
  }
}
