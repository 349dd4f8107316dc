import SessionSegment
import Testing

@testable import SessionCache

@Suite("A restored session") struct RestoreTests {
  let second = CacheUnderTest.second

  @Test("is as it was: version, times, tags, keys")
  func asItWas() throws {
    let cache = try CacheUnderTest()
    let version = try cache.restore(
      "s", [("k", "1"), ("l", "2")],
      .init(
        version: 1_000, created: cache.now - 5 * second, ttl: 100 * second, deadline: cache.now + 60 * second),
      tags: ["a", "b"])
    #expect(version == 1_000)
    let information = try #require(cache.information("s"))
    #expect(information.version == 1_000)
    #expect(information.age == 5 * second)
    #expect(information.ttl == 100 * second)
    #expect(information.remaining == 60 * second)
    #expect(cache.tags("s") == ["a", "b"])
    #expect(cache.tagged("b") == ["s"])
    #expect(cache.get("s", sliding: false)?.map(\.1) == ["1", "2"])
    #expect(try cache.set("t", []) == 1_001)
    #expect(try cache.restore("u", [], .init(version: 17)) == 17)
    #expect(try cache.set("t", []) == 1_002)
  }

  @Test("does not take the place of one that lives, or of a mark")
  func refusals() throws {
    let cache = try CacheUnderTest()
    let version = try cache.set("s", [("k", "1")])
    try cache.revoke("gone")
    #expect(throws: CacheError.conflict(current: version)) { try cache.restore("s", []) }
    #expect(throws: CacheError.revoked) { try cache.restore("gone", []) }
    #expect(throws: CacheError.tooManyTags(65)) {
      try cache.restore("t", [], tags: (0..<65).map { "t\($0)" })
    }
    #expect(cache.get("s", "k") == "1")
  }

  @Test("has another stamp than whatever was in its block before under the same version")
  func stamps() throws {
    let cache = try CacheUnderTest(shards: 1)
    var stamps: Set<UInt64> = []
    for _ in 0..<100 {
      _ = try cache.restore("s", [("k", "1")], .init(version: 5))
      let shard = cache.cache.shards[0]
      let id = Array("s".utf8)
      let offset = try #require(id.withUnsafeBytes { shard.find(cache.cache.hash($0).tag, $0)?.offset })
      stamps.insert(shard.record(at: offset).stamp.rawValue)
      #expect(try cache.remove("s"))
    }
    #expect(stamps.count == 100)
  }

  @Test("survives a restart, also when it is older than the machine's start")
  func restart() throws {
    let directory = try SegmentDirectory()
    let (first, _) = try directory.open()
    _ = try first.restore(
      "s", [("k", "1")], .init(version: 1 << 40, created: -100 * second, deadline: first.now + second))
    let (second, origin) = try directory.open()
    #expect(origin == .adopted(sessions: 1))
    #expect(second.information("s")?.version == 1 << 40)
    #expect(try second.set("t", []) > 1 << 40)
  }
}
