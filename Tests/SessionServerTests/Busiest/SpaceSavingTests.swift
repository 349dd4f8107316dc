import TestSupport
import Testing

@testable import SessionServer

@Suite("The summary of what comes most often")
struct SpaceSavingTests {
  /// What is told of each id. One that is told of twice fails the test.
  private func told(_ summary: SpaceSaving) -> [[UInt8]: Int] {
    let entries = summary.entries
    let told = Dictionary(entries.map { ($0.id, $0.count) }) { $1 }
    #expect(told.count == entries.count)
    return told
  }

  /// Ids that begin alike, of all lengths: some are the beginnings of others.
  private func id(_ number: Int) -> [UInt8] {
    Array(repeating: UInt8(ascii: "s"), count: number % 255) + [UInt8(truncatingIfNeeded: number / 255)]
  }

  @Test(
    "is never above how often an id came, nor below by more than a 32nd of all",
    arguments: 1...40 as ClosedRange<UInt64>)
  func bounds(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var summary = SpaceSaving()
    for _ in 0..<2 {
      var exact: [[UInt8]: Int] = [:]
      let count = random.pick(20_000)
      let ids = 1 + random.pick(2000)
      for _ in 0..<count {
        // The smaller the number the more often it comes; how much more is another matter each time.
        let most = random.pick(2) == 0 ? ids : 1 + random.pick(ids)
        let number = random.pick(most)
        let id = id(seed % 3 == 0 ? random.pick(1 + number) : number)
        exact[id, default: 0] += 1
        summary.add(id.span)
      }
      let told = told(summary)
      let error = count / SpaceSaving.slotCount
      #expect(told.count == min(exact.count, SpaceSaving.slotCount), "seed \(seed)")
      for (id, count) in exact {
        let estimate = told[id] ?? 0
        #expect((count - error...count).contains(estimate), "seed \(seed): \(count), told as \(estimate)")
        if count > error { #expect(told[id] != nil, "seed \(seed): \(count) of \(error)") }
      }
      #expect(told.keys.allSatisfy { exact[$0] != nil }, "seed \(seed)")
      summary.removeAll()
      #expect(summary.entries.isEmpty)
    }
  }

  @Test("is exact for as many ids as it has slots, of whatever length")
  func exact() {
    var summary = SpaceSaving()
    let ids = (0..<SpaceSaving.slotCount).map { [UInt8](repeating: UInt8(ascii: "a"), count: 255 - $0) }
    for round in 0..<5 {
      for id in ids[round...] { summary.add(id.span) }
    }
    let told = told(summary)
    #expect(told.count == ids.count)
    for (index, id) in ids.enumerated() { #expect(told[id] == min(index + 1, 5)) }
  }
}
