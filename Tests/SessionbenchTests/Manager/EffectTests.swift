import SessionClient
import TestSupport
import Testing

@testable import sessionbench

@Suite("Cache effectiveness", .timeLimit(.minutes(5))) struct EffectTests {
  @Test("of LocalSessions is what a simple model says, whatever the gaps are") func model() async throws {
    let place = try DatabasePlace()
    let store = try SimpleMutex(place.path, idle: .max)
    let ids = (0..<5).map(SessionShape.id)
    for id in ids { try store.create(id) }
    for seed in 1...30 as ClosedRange<UInt64> {
      var random = SplitMix64(seed: seed)
      let kind = random.pick(2) == 0 ? AccessPattern.Kind.steady : .random
      let pattern = AccessPattern(kind: kind, idle: 1 + random.pick(1000), gap: 1 + random.pick(1000))
      let gaps = pattern.gaps(40, &random)
      let local = LocalSessions(options: .init(clock: .stopped))
      let trial = EffectTrial(cache: local, store: store, pass: { local.advance(by: .nanoseconds($0)) })
      let outcome = try await trial.run(ids, idle: pattern.idle, gaps: gaps)
      #expect(outcome.uses == 40 * ids.count)
      #expect(outcome.hits == pattern.hits(gaps) * ids.count, "seed \(seed), \(pattern)")
      #expect(outcome.hits == Self.replayed(gaps, idle: pattern.idle) * ids.count, "seed \(seed)")
    }
  }

  /// Another way to count: by the moment at which the session ends.
  private static func replayed(_ gaps: [Int64], idle: Int) -> Int {
    var (now, end, hits): (Int64, Int64, Int) = (0, 0, 0)
    for gap in gaps {
      now += gap
      if now < end { hits += 1 }
      end = now + Int64(idle) * 1_000_000
    }
    return hits
  }

  @Test("is nothing where the gap is the idle time, and all but the first use where it is shorter")
  func border() {
    var random = SplitMix64(seed: 1)
    for (gap, hits) in [(99, 9), (100, 0), (101, 0)] {
      let pattern = AccessPattern(kind: .steady, idle: 100, gap: gap)
      #expect(pattern.hits(pattern.gaps(10, &random)) == hits)
    }
  }

  @Test("random gaps have the mean that was asked for, and are spread exponentially") func random() {
    var random = SplitMix64(seed: 2)
    let pattern = AccessPattern(kind: .random, idle: 1000, gap: 1000)
    let gaps = pattern.gaps(100_000, &random)
    let mean = Double(gaps.reduce(0, +)) / Double(gaps.count)
    #expect((mean / 1e9 - 1).magnitude < 0.02)
    // 1 - 1/e of them are shorter than their mean.
    let part = Double(pattern.hits(gaps)) / Double(gaps.count)
    #expect((part - 0.632).magnitude < 0.01)
  }

  @Test("a table says where the ratio is not the model's") func table() {
    let pattern = AccessPattern(kind: .steady, idle: 60_000, gap: 50)
    func line(_ hits: Int) -> String {
      let outcome = EffectTrial.Outcome(uses: 100, hits: hits, nanoseconds: 200_000)
      let row = EffectTable.Row(pattern: pattern, expectedRatio: 0.9, outcome: outcome)
      return EffectTable(title: "x", rows: [row], microsecondsWithoutCache: 20, tolerance: 0.05).lines[1]
    }
    let words = line(86).split(separator: " ").joined(separator: " ")
    #expect(words == "steady gaps 60 s 50 ms 86.0 % 90.0 % 2.00 10.0x met")
    #expect(line(84).hasSuffix("short"))
  }
}
