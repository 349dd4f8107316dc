import SessionSegment
import TestSupport
import Testing

@testable import SessionCache

@Suite struct EvictionPropertyTests {
  private struct Model {
    var lastUse: Int64
    var ttl: Int64
    var isTagged: Bool
    var end: Int64 { lastUse + ttl }
  }

  private let second = CacheUnderTest.second

  @Test(
    "whoever goes has been idle for longer than all of his kind who stay, and no kind goes before its turn",
    arguments: [UInt64(7), UInt64.random(in: 1...UInt64.max)])
  func order(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let cache = try CacheUnderTest(size: 3 << 20, shards: 8, ttl: 1_000 * second, evictsWhenFull: true)
    var model: [String: Model] = [:]
    var evictions = 0
    for step in 0..<30_000 {
      cache.now += Int64.random(in: 2_000_000...20_000_000, using: &random)
      let id = "s\(Int.random(in: 0..<6_000, using: &random))"
      let before = cache.cache.statistics.evicted
      try change(id, cache, &model, &random)
      if step % 500 == 0 { cache.sweep() }
      guard cache.cache.statistics.evicted != before else { continue }
      evictions += 1
      judge(cache, &model, writer: id, "seed \(seed), step \(step)")
    }
    #expect(evictions > 300, "seed \(seed)")
    let pairs = cache.tagIndex
    #expect(pairs.pairs == pairs.ofRecords, "seed \(seed)")
    _ = cache.flush()
    cache.sweep()
    #expect(cache.cache.statistics.memoryUsed == cache.cache.statistics.memoryIndex, "seed \(seed)")
  }

  private func change(
    _ id: String, _ cache: CacheUnderTest, _ model: inout [String: Model], _ random: inout SplitMix64
  ) throws {
    let lives = (model[id]?.end ?? 0) > cache.now
    if !lives { model[id] = nil }
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<60:
      let length =
        Int.random(in: 0..<40, using: &random) == 0 ? 20_000 : Int.random(in: 0..<1_500, using: &random)
      let ttl: Int64? =
        Int.random(in: 0..<10, using: &random) == 0 ? Int64.random(in: 1...50, using: &random) * second : nil
      try cache.set(id, [("k", "\"\(String(repeating: "v", count: length))\"")], ttl: ttl)
      model[id] = Model(
        lastUse: cache.now, ttl: ttl ?? model[id]?.ttl ?? 1_000 * second,
        isTagged: model[id]?.isTagged ?? false)
    case 60..<75:
      #expect(cache.get(id) != nil || !lives)
      if lives { model[id]!.lastUse = cache.now }
    case 75..<85:
      if try cache.tag(id, "user") != nil {
        #expect(lives)
        model[id]!.lastUse = cache.now
        model[id]!.isTagged = true
      }
    case 85..<90:
      if try cache.untag(id, "user") != nil {
        model[id]!.lastUse = cache.now
        model[id]!.isTagged = false
      }
    case 90..<94:
      let ttl = Int64.random(in: 100...2_000, using: &random) * second
      if try cache.setTTL(id, ttl) { (model[id]!.lastUse, model[id]!.ttl) = (cache.now, ttl) }
    default:
      #expect(try cache.remove(id) == lives)
      model[id] = nil
    }
  }

  private func judge(
    _ cache: CacheUnderTest, _ model: inout [String: Model], writer: String, _ place: Comment
  ) {
    // What is over is given a tick and the time for the reclaimer's round.
    let over = cache.now - second
    let stays = Set(cache.list(limit: 1_000))
    let gone = model.filter { $0.value.end > cache.now && !stays.contains($0.key) }
    for (id, _) in model where !stays.contains(id) { model[id] = nil }
    guard !gone.isEmpty else { return }
    let kept = model.filter { $0.key != writer }
    #expect(gone[writer] == nil, place)
    #expect(!isAnythingOver(cache, before: over), place)
    if gone.contains(where: \.value.isTagged) {
      #expect(!kept.values.contains { !$0.isTagged }, place)
    }
    for isTagged in [false, true] {
      guard let latest = gone.values.filter({ $0.isTagged == isTagged }).map(\.lastUse).max(),
        let earliest = kept.values.filter({ $0.isTagged == isTagged }).map(\.lastUse).min()
      else { continue }
      #expect(latest <= earliest, place)
    }
  }

  /// Whether records are left whose time has been over for a while.
  private func isAnythingOver(_ cache: CacheUnderTest, before moment: Int64) -> Bool {
    for shard in cache.cache.shards {
      var cursor: PageCursor? = .start
      while let place = cursor {
        let page = shard.page(at: place)
        for slot in 0..<BucketPage.slots where !page.slot(slot).isEmpty {
          if shard.record(at: page.slot(slot).offset).isExpired(at: moment, lifetime: 0) { return true }
        }
        cursor = place.next(depth: page.depth)
      }
    }
    return false
  }
}
