import SessionSegment
import Synchronization
import SystemCalls
import TestSupport
import Testing

@testable import SessionCache

@Suite("A full cache that evicts")
struct EvictionTests {
  let second = CacheUnderTest.second
  /// Whatever the ids here, and with a tag or without, the records have blocks of one size.
  let value = "\"\(String(repeating: "v", count: 885))\""

  private var evicting: SessionCache.Settings { settings(true) }

  private func settings(_ evicts: Bool) -> SessionCache.Settings {
    .init(ttl: 600 * second, lifetime: 0, sessionBytesMost: 1 << 20, keysMost: 10_000, evictsWhenFull: evicts)
  }

  /// Sessions s0, s1 … a second apart, until one has been evicted or refused; how many there were.
  private func fill(_ cache: CacheUnderTest, tagged: (Int) -> Bool = { _ in false }) throws -> Int {
    for index in 0..<100_000 {
      let before = cache.cache.statistics.evicted
      do throws(CacheError) {
        try cache.set("s\(index)", [("k", value)])
      } catch {
        return index
      }
      if cache.cache.statistics.evicted != before { return index }
      if tagged(index) { #expect(try cache.tag("s\(index)", "user") == 1) }
      cache.now += second / 100
    }
    Issue.record("it is never full")
    return 0
  }

  @Test("drops the session that is idle the longest, one after the other, and nothing else")
  func longestIdleFirst() throws {
    let cache = try CacheUnderTest(size: 2 << 20, evictsWhenFull: true)
    let count = try fill(cache)
    // A page for the index is worth a few sessions.
    let gone = cache.cache.statistics.evicted.untagged
    #expect((1...32).contains(gone))
    for index in 0...count { #expect((cache.get("s\(index)", sliding: false) == nil) == (index < gone)) }
    // Those that were used meanwhile come last.
    cache.now += second
    for index in gone..<100 { #expect(cache.get("s\(index)") != nil) }
    for index in 0..<200 {
      try cache.set("t\(index)", [("k", value)])
      let next = 100 + cache.cache.statistics.evicted.untagged - gone
      #expect(next == 100 || cache.get("s\(next - 1)", sliding: false) == nil)
      #expect(cache.get("s\(next)", sliding: false) != nil)
    }
    for index in gone..<100 { #expect(cache.get("s\(index)") != nil) }
    #expect((150...230).contains(cache.cache.statistics.evicted.untagged))
    #expect(cache.end("s0")?.cause == .evicted)
  }

  @Test("drops sessions without a tag first, also those that came later, and then tagged ones")
  func untaggedFirst() throws {
    let cache = try CacheUnderTest(size: 2 << 20, evictsWhenFull: true)
    let count = try fill(cache) { $0 % 2 == 0 }
    let untagged = (0...count).filter { $0 % 2 == 1 }
    // Some went for pages of the index already, and some may yet.
    for index in untagged.dropFirst(cache.cache.statistics.evicted.untagged + 40) {
      cache.now += second / 100
      try cache.set("t\(index)", [("k", value)])
      #expect(try cache.tag("t\(index)", "user") == 1)
    }
    #expect(cache.cache.statistics.evicted.tagged == 0)
    for index in 0...count where index % 2 == 0 { #expect(cache.get("s\(index)", sliding: false) != nil) }
    // Hardly any but tagged ones are left; from now on visitors without one push each other out.
    for index in 0..<200 {
      cache.now += second / 100
      try cache.set("visitor \(index)", [("k", value)])
    }
    let tagged = cache.cache.statistics.evicted.tagged
    #expect(tagged <= 2)
    #expect(cache.get("visitor 199", sliding: false) != nil)
    #expect(cache.get("visitor 100", sliding: false) == nil)
    // One that gets a tag is no visitor any more, and one that loses its last tag is one.
    #expect(try cache.tag("visitor 199", "user") == 1)
    #expect(try cache.untag("s10", "user") == 1)
    for index in 0..<200 where cache.get("s10", sliding: false) != nil {
      cache.now += second
      try cache.set("w\(index)", [("k", value)])
    }
    #expect(cache.get("s10", sliding: false) == nil)
    #expect(cache.get("visitor 199", sliding: false) != nil)
    #expect(cache.cache.statistics.evicted.tagged <= tagged + 2)
  }

  @Test("drops what is over first, also if nobody has swept")
  func expiredFirst() throws {
    let cache = try CacheUnderTest(size: 2 << 20, evictsWhenFull: true)
    let count = try fill(cache)
    for index in 0..<60 { try cache.set("short \(index)", [("k", value)], ttl: 10 * second) }
    let before = cache.cache.statistics.evicted
    #expect(before.expired == 0)
    cache.now += 30 * second
    for index in 0..<60 { try cache.set("t\(index)", [("k", value)]) }
    #expect(cache.cache.statistics.evicted.untagged == before.untagged)
    #expect(cache.cache.statistics.evicted.expired >= 30)
    #expect(cache.cache.statistics.expired >= 30)
    #expect(cache.get("s\(count)", sliding: false) != nil)
  }

  @Test("evicts nothing as long as it is to refuse, and goes by a changed setting at once")
  func setting() throws {
    let cache = try CacheUnderTest(size: 2 << 20)
    let count = try fill(cache)
    for _ in 0..<10 { #expect(throws: CacheError.full) { try cache.set("more", [("k", value)]) } }
    #expect(cache.cache.statistics.evicted == .init())
    #expect(cache.cache.sessionCount == count)
    cache.cache.settings = settings(true)
    #expect(cache.cache.settings == evicting)
    for index in 0..<50 { try cache.set("more \(index)", [("k", value)]) }
    let evicted = cache.cache.statistics.evicted
    #expect((30...70).contains(evicted.untagged))
    cache.cache.settings = settings(false)
    #expect(throws: CacheError.full) {
      for index in 0..<100 { try cache.set("again \(index)", [("k", value)]) }
    }
    #expect(cache.cache.statistics.evicted == evicted)
  }

  @Test("keeps the session that is written, however long it was idle")
  func sparesTheWritten() throws {
    let cache = try CacheUnderTest(size: 2 << 20, evictsWhenFull: true)
    let count = try fill(cache)
    // The one that would be next grows, again and again.
    let written = "s\(cache.cache.statistics.evicted.untagged)"
    #expect(cache.get(written, sliding: false) != nil)
    for step in 1...20 {
      cache.now += second
      try cache.set(written, [("k\(step)", "\"\(String(repeating: "w", count: 20_000))\"")])
    }
    #expect(cache.get(written)?.count == 21)
    #expect(cache.get("s100", sliding: false) == nil)
    #expect(cache.get("s\(count)", sliding: false) != nil)
  }

  @Test("ends nothing for a session that could not fit, and for one that is too large")
  func tooLarge() throws {
    let cache = try CacheUnderTest(size: 2 << 20, sessionBytesMost: 4 << 20, evictsWhenFull: true)
    _ = try fill(cache)
    let before = cache.cache.statistics
    let whole = "\"\(String(repeating: "w", count: 2 << 20))\""
    #expect(throws: CacheError.full) { try cache.set("whole", [("k", whole)]) }
    let beyond = "\"\(String(repeating: "w", count: 4 << 20))\""
    #expect(throws: CacheError.self) { try cache.set("beyond", [("k", beyond)]) }
    #expect(cache.cache.statistics.evicted == before.evicted)
    #expect(cache.cache.sessionCount == before.sessions)
  }

  @Test("never drops marks and aliases")
  func marksStay() throws {
    let cache = try CacheUnderTest(size: 2 << 20, evictsWhenFull: true)
    for index in 0..<50 { try cache.set("r\(index)", [("k", value)]) }
    for index in 0..<50 { #expect(try cache.revoke("r\(index)")) }
    try cache.set("old", [("k", value)])
    #expect(try cache.rename("old", to: "new", grace: 500 * second))
    let count = try fill(cache)
    for index in 0..<3 * count {
      cache.now += second / 1000
      try cache.set("t\(index)", [("k", value)])
    }
    for index in 0..<50 {
      #expect(throws: CacheError.revoked) { try cache.set("r\(index)", [("k", "1")]) }
    }
    #expect(throws: CacheError.renamed) { try cache.set("old", [("k", "1")]) }
    #expect(cache.get("new", sliding: false) == nil)
    #expect(cache.cache.statistics.marks == 51)
  }

  @Test("leaves the spare alone, for writes and for deleting keys")
  func spare() throws {
    let cache = try CacheUnderTest(size: 4 << 20, evictsWhenFull: true)
    let count = try fill(cache)
    for index in 0..<2 * count {
      cache.now += second / 1000
      try cache.set("t\(index)", [("k", value), ("n", "1")])
      if index % 3 == 0 { #expect(try cache.remove("t\(index)", keys: ["k"]) == 1) }
      if index % 3 == 1 { try cache.set("t\(index)", [("k", value)]) }
    }
    #expect(cache.cache.allocator.spare.memory.used == 0)
  }

  @Test(
    "looks at a bounded number of sessions for each that it drops, however many there are",
    arguments: [8, 64])
  func amortised(megabytes: Int) throws {
    let cache = try CacheUnderTest(size: megabytes << 20, shards: 16, evictsWhenFull: true)
    let short = "\"\(String(repeating: "v", count: 150))\""
    var count = 0
    while cache.cache.statistics.evicted.untagged == 0 {
      try cache.set("s\(count)", [("k", short)])
      count += 1
      cache.now += second / 100_000
    }
    let before = cache.cache.evictor.looked.load(ordering: .relaxed)
    for index in 0..<count {
      try cache.set("t\(index)", [("k", short)])
      cache.now += second / 100_000
    }
    let evicted = cache.cache.statistics.evicted.untagged
    let looked = cache.cache.evictor.looked.load(ordering: .relaxed) - before
    #expect(evicted >= count * 9 / 10)
    #expect(looked <= evicted * 40, "\(looked) looks for \(evicted) evictions among \(count) sessions")
  }

  @Test("drops those that no mapped reader has told of, and those that were told of stay")
  func batchedUses() throws {
    let cache = try CacheUnderTest(size: 2 << 20, evictsWhenFull: true)
    let count = try fill(cache)
    let gone = cache.cache.statistics.evicted.untagged
    cache.now += second
    for index in gone..<count / 2 { #expect(try cache.touch("s\(index)")) }
    for index in 0..<count / 4 { try cache.set("t\(index)", [("k", value)]) }
    for index in gone..<count / 2 { #expect(cache.get("s\(index)", sliding: false) != nil) }
  }

  @Test("of a file system that is full, it uses the memory that it has")
  func fullFileSystem() throws {
    let pages = BlockAllocatorTests.FickleSource()
    let cache = try CacheUnderTest(evictsWhenFull: true, pages: pages)
    for index in 0..<2_000 { try cache.set("s\(index)", [("k", value)]) }
    pages.refuses.store(true, ordering: .relaxed)
    for index in 0..<2_000 {
      cache.now += second / 1000
      try cache.set("t\(index)", [("k", value)])
    }
    try cache.set("large", [("k", "\"\(String(repeating: "v", count: 100_000))\"")])
    #expect(cache.cache.statistics.evicted.untagged > 1_000)
  }

  @Test("goes on where another daemon has left a full segment")
  func adopted() throws {
    let directory = try SegmentDirectory()
    let (first, _) = try directory.open()
    first.cache.settings = settings(true)
    let count = try fill(first)
    directory.now = first.now
    let (again, _) = try directory.open()
    again.cache.settings = settings(true)
    for index in 0..<200 { try again.set("t\(index)", [("k", value)]) }
    #expect(again.cache.statistics.evicted.untagged >= 150)
    #expect(again.get("s\(count)", sliding: false) != nil)
    #expect(again.get("s20", sliding: false) == nil)
  }
}
