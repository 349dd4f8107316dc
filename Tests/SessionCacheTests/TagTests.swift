import TestSupport
import Testing

@testable import SessionCache

@Suite("Tags") struct TagTests {
  let second = CacheUnderTest.second

  @Test("are added and taken away, each once, in the order in which they came, with a new version")
  func addAndRemove() throws {
    let cache = try CacheUnderTest()
    #expect(try cache.tag("s", "a") == nil)
    let first = try cache.set("s", [("k", "1")])
    #expect(try cache.tag("s", "b", "a", "b") == 2)
    #expect(cache.tags("s") == ["b", "a"])
    let second = try #require(cache.information("s")).version
    #expect(second > first)
    #expect(try cache.tag("s", "a") == 0)
    #expect(cache.information("s")?.version == second)
    #expect(try cache.untag("s", "b", "c") == 1)
    #expect(cache.tags("s") == ["a"])
    #expect(try cache.untag("t", "a") == nil)
    #expect(cache.get("s", "k") == "1")
    #expect(cache.tagged("b") == [])
    #expect(cache.tagged("a") == ["s"])
  }

  @Test("are at most 64, of at most 255 bytes")
  func limits() throws {
    let cache = try CacheUnderTest()
    try cache.set("s", [("k", "1")])
    for number in 0..<64 {
      let tag = "\(number) " + String(repeating: "t", count: 250)
      #expect(try cache.tag("s", String(tag.prefix(255))) == 1)
    }
    #expect(throws: CacheError.tooManyTags(65)) { try cache.tag("s", "one more") }
    #expect(cache.tags("s")?.count == 64)
    try cache.set("s", [("k", "2")])
    #expect(cache.tags("s")?.count == 64)
    #expect(cache.tagIndex.pairs == cache.tagIndex.ofRecords)
  }

  @Test("slide the time to live, also where nothing changes")
  func sliding() throws {
    let cache = try CacheUnderTest()
    try cache.set("s", [("k", "1")], ttl: 100 * second)
    for _ in 0..<3 {
      cache.now += 60 * second
      #expect(try cache.tag("s", "a") != nil)
    }
    cache.now += 60 * second
    _ = cache.tagged("a")
    cache.now += 60 * second
    #expect(cache.tagged("a") == [])
  }

  @Test("lead to every session once, page by page, while others come and go")
  func pages() throws {
    let cache = try CacheUnderTest(size: 64 << 20)
    for number in 0..<5_000 {
      try cache.set("s\(number)", [("k", "1")])
      try cache.tag("s\(number)", "all", number % 2 == 0 ? "even" : "odd")
    }
    #expect(Set(cache.tagged("all", limit: 100)).count == 5_000)
    #expect(cache.tagged("odd", limit: 33).count == 2_500)
    let tag = Array("all".utf8)
    var seen: [String] = []
    var after: [UInt8]?
    for round in 0..<100 {
      let page = cache.cache.tagged(tag.span, after: after?.span, limit: 50, at: cache.now)
      seen += page.map { String(decoding: $0, as: UTF8.self) }
      after = page.last
      #expect(try cache.remove("s\(4_999 - round)"))
      try cache.set("new\(round)", [("k", "1")])
      try cache.tag("new\(round)", "all")
    }
    #expect(Set(seen).count == seen.count)
    #expect(Set(seen).isSuperset(of: (0..<4_900).map { "s\($0)" }.filter { cache.get($0) == nil }))
    #expect(cache.tagIndex.pairs == cache.tagIndex.ofRecords)
  }

  @Test(
    "are exact in the index after whatever happens to their sessions, and none is left when all are gone",
    arguments: [1, 2, 3] as [UInt64])
  func exactness(seed: UInt64) throws {
    let cache = try CacheUnderTest(shards: 2)
    var random = SplitMix64(seed: seed)
    for step in 0..<20_000 {
      let id = "s\(Int.random(in: 0..<60, using: &random))"
      let other = "s\(Int.random(in: 0..<60, using: &random))"
      let tag = "t\(Int.random(in: 0..<12, using: &random))"
      do throws(CacheError) {
        switch Int.random(in: 0..<12, using: &random) {
        case 0...2:
          try cache.set(id, [("k", "\(step)")], ttl: Int64.random(in: 1...30, using: &random) * second)
        case 3...5: try cache.tag(id, tag, "t\(step % 12)")
        case 6: try cache.untag(id, tag)
        case 7: _ = try cache.remove(id)
        case 8: try cache.rename(id, to: other, grace: step % 3 == 0 ? 2 * second : nil)
        case 9: if step % 4 == 0 { try cache.revoke(id) }
        case 10: cache.now += Int64.random(in: 0...3, using: &random) * second
        default:
          if step % 40 == 0 { _ = try cache.revokeAll(tag) }
          if step % 50 == 0 { cache.sweep() }
          if step % 5_000 == 4_999 { _ = cache.flush() }
        }
      } catch {
        #expect([.revoked, .renamed].contains(error) || "\(error)".hasPrefix("conflict"))
      }
      if step % 500 == 0 { #expect(cache.tagIndex.pairs == cache.tagIndex.ofRecords, "step \(step)") }
    }
    cache.now += 1_000 * second
    cache.sweep()
    #expect(cache.tagIndex.pairs == [])
    #expect(cache.cache.statistics.sessions == 0)
    #expect(cache.cache.statistics.marks == 0)
    #expect(cache.cache.statistics.memoryUsed == cache.cache.statistics.memoryIndex)
  }

  @Test("are there again, and in the index, when the segment is opened again, in place or in another size")
  func adoption() throws {
    let directory = try SegmentDirectory()
    let (first, _) = try directory.open()
    for number in 0..<3_000 {
      try first.set("s\(number)", [("k", "\(number)")])
      if number % 3 != 0 { try first.tag("s\(number)", "user \(number % 100)", "all") }
    }
    let (second, origin) = try directory.open()
    #expect(origin == .adopted(sessions: 3_000))
    #expect(second.tagIndex.pairs == first.tagIndex.pairs)
    #expect(second.tags("s7") == ["user 7", "all"])
    let (third, _) = try directory.open(size: 32 << 20, shards: 16)
    #expect(Set(third.tagged("user 50")) == Set(first.tagged("user 50")))
    #expect(third.tagIndex.pairs == third.tagIndex.ofRecords)
    #expect(third.cache.statistics.taggedPairs == 4_000)
  }
}
