import Linearizability
import TestSupport
import Testing

@Suite("What several processes see")
struct HistoryTests {
  /// How long clients write their histories; checking them takes about as long.
  private static let seconds = Programs.runsLongTests ? 60.0 : 3.0

  @Test(
    "is linearizable: eight clients in four processes, over the socket alone, and out of memory as well",
    arguments: [ProbeProcess.ReadWay.socket, .both])
  func linearizable(reads: ProbeProcess.ReadWay) throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    try withDaemon { daemon in
      let history = try RecordedHistory(daemon, reads: reads, seconds: Self.seconds, seed: seed)
      let parser = try history.finish(within: Self.seconds + 60, losesConnections: false)
      #expect(LinearizabilityChecker().faults(in: parser.sessions) == [], "seed \(seed)")
      #expect(parser.count > 500, "too little was done to tell anything")
      let outcomes = parser.sessions.values.joined().map(\.outcome)
      for outcome in [Outcome.renamed, .revoked] {
        #expect(outcomes.count { $0 == outcome } > 10, "too little of \(outcome) to tell anything")
      }
      if reads == .both { #expect(try daemon.mappedHits() > 100) }
    }
  }

  @Test("is linearizable while the daemon is killed and started again")
  func kills() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix64(seed: seed)
    try withDaemon { daemon in
      let history = try RecordedHistory(daemon, reads: .both, seconds: Self.seconds, seed: seed)
      let end = secondsSinceBoot() + Self.seconds
      while secondsSinceBoot() < end {
        pause(milliseconds: UInt32(100 + random.pick(500)))
        try daemon.restart()
      }
      let parser = try history.finish(within: 60, losesConnections: true)
      #expect(LinearizabilityChecker().faults(in: parser.sessions) == [], "seed \(seed)")
      let lost = parser.sessions.values.joined().count { $0.outcome == nil && $0.end == .max }
      #expect(lost > 0 && parser.count > 500, "too little was done to tell anything")
    }
  }
}
