import SessionCache
import SessionSegment
import TestSupport
import Testing

@Suite struct IndexLayoutTests {
  @Test("home slots are spread over the whole page")
  func homes() {
    var hits = [Int](repeating: 0, count: BucketPage.slots)
    let seed = HashSeed(first: 1, second: 2)
    for number in 0..<100_000 {
      let id = Array("session-\(number)".utf8)
      let tag = id.withUnsafeBytes { SessionHash($0, seed: seed).tag }
      hits[tag.home] += 1
    }
    // On average 298 a slot; one of 336 is never this far off.
    #expect(hits.min()! > 100)
    #expect(hits.max()! < 700)
  }

  @Test(
    "full pages whose entries wrap round their ends lose none and find none twice",
    arguments: [UInt64.random(in: 1...UInt64.max)])
  func fullPages(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    // One shard, so that a few hundred sessions fill its pages.
    let cache = try CacheUnderTest(shards: 1, ttl: 100 * CacheUnderTest.second)
    var live: Set<String> = []
    for round in 0..<20_000 {
      let id = "s\(Int.random(in: 0..<700, using: &random))"
      // Between 200 and 600 sessions: pages fill up, split, and are swept.
      if live.count < 200 || (live.count < 600 && Bool.random(using: &random)) {
        try cache.set(id, [("k", "\"\(id)\"")])
        live.insert(id)
      } else {
        #expect(try cache.remove(id) == (live.remove(id) != nil), "seed \(seed)")
      }
      if round % 500 == 0 {
        for id in live { #expect(cache.get(id, "k") == "\"\(id)\"", "seed \(seed)") }
        #expect(Set(cache.list()) == live, "seed \(seed)")
        #expect(cache.cache.sessionCount == live.count)
      }
    }
    // Half of them end, the sweep meets them wherever they stand.
    for id in live where Bool.random(using: &random) {
      #expect(try cache.setTTL(id, CacheUnderTest.second))
      live.remove(id)
    }
    cache.now += 2 * CacheUnderTest.second
    cache.sweep()
    #expect(cache.cache.sessionCount == live.count, "seed \(seed)")
    for id in live { #expect(cache.get(id, "k") == "\"\(id)\"", "seed \(seed)") }
  }
}
