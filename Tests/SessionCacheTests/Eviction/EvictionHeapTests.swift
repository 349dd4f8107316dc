import SessionSegment
import TestSupport
import Testing

@testable import SessionCache

@Suite struct EvictionHeapTests {
  private func entries(_ uses: [Int64]) -> [EvictionEntry] {
    uses.enumerated().map {
      EvictionEntry(lastUse: $1, shard: $0, tag: SlotTag(directoryPrefix: UInt32($0 % 32_768)))
    }
  }

  @Test("a heap gives its entries in the order of their uses", arguments: [UInt64.random(in: 1...UInt64.max)])
  func order(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for _ in 0..<200 {
      let uses = (0..<Int.random(in: 0...100, using: &random)).map { _ in
        Int64.random(in: 0...50, using: &random)
      }
      let (first, second) = (uses.prefix(uses.count / 2), uses.suffix(uses.count - uses.count / 2))
      var heap = EvictionHeap(entries(Array(first)), spareRoom: 10)
      for entry in entries(Array(second)) { heap.push(entry) }
      var taken: [Int64] = []
      while let entry = heap.first {
        taken.append(entry.lastUse)
        heap.removeFirst()
      }
      #expect(taken == uses.sorted(), "seed \(seed)")
    }
  }

  @Test(
    "a collector keeps at least as many as it should of those with the earliest uses, and says up to where it has all",
    arguments: [UInt64.random(in: 1...UInt64.max)])
  func collector(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for round in 0..<200 {
      let most = Int.random(in: 1...50, using: &random)
      // Few different uses in every other round.
      let latest: Int64 = round % 2 == 0 ? 10 : 100_000
      let uses = (0..<Int.random(in: 0...500, using: &random)).map { _ in
        Int64.random(in: 0...latest, using: &random)
      }
      var collector = EvictionCollector(most: most)
      for entry in entries(uses) { collector.add(entry) }
      let kept = collector.entries.map(\.lastUse).sorted()
      #expect(kept == Array(uses.sorted().prefix(kept.count)), "seed \(seed)")
      #expect(kept.count >= min(most, uses.count) && kept.count < max(2 * most, 1), "seed \(seed)")
      let limit = collector.limit
      #expect(kept.count { $0 < limit } == uses.count { $0 < limit }, "seed \(seed)")
      #expect(kept.allSatisfy { $0 <= limit }, "seed \(seed)")
    }
  }
}
