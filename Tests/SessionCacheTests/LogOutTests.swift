import SessionSegment
import Testing

@testable import SessionCache

@Suite("A log-out") struct LogOutTests {
  let second = CacheUnderTest.second

  private func expectRevoked(_ cache: CacheUnderTest, _ id: String) {
    #expect(cache.get(id) == nil)
    #expect(cache.information(id) == nil)
    #expect(throws: CacheError.revoked) { try cache.set(id, [("k", "2")]) }
    #expect(throws: CacheError.revoked) { try cache.set(id, [("k", "2")], ifVersion: 0) }
    #expect(throws: CacheError.revoked) { try cache.increment(id, "n") }
    #expect(throws: CacheError.revoked) { try cache.remove(id, keys: ["k"]) }
    #expect(throws: CacheError.revoked) { try cache.touch(id) }
    #expect(throws: CacheError.revoked) { try cache.setTTL(id, second) }
    #expect(throws: CacheError.revoked) { try cache.tag(id, "t") }
    #expect(throws: CacheError.revoked) { try cache.untag(id, "t") }
    #expect(throws: CacheError.revoked) { try cache.rename(id, to: "other") }
    #expect(throws: CacheError.revoked) { try cache.restore(id, []) }
    #expect((try? cache.remove(id)) == false)
  }

  @Test("is not undone by a late request, for as long as the session could have lived")
  func revoke() throws {
    let cache = try CacheUnderTest()
    try cache.set("s", [("k", "1")], ttl: 100 * second)
    #expect(try cache.revoke("s"))
    #expect(cache.end("s") == .init(cause: .revoked, origin: .init(uid: 7, pid: 8), at: cache.now))
    expectRevoked(cache, "s")
    cache.now += 99 * second
    cache.sweep()
    expectRevoked(cache, "s")
    #expect(cache.cache.statistics.marks == 1)
    #expect(cache.cache.sessionCount == 0)
    #expect(cache.list() == [])
    cache.now += second
    try cache.set("s", [("k", "3")])
    #expect(cache.get("s", "k") == "3")
  }

  @Test("marks an id that has no session, and lasts longer when it is repeated")
  func unknown() throws {
    let cache = try CacheUnderTest(ttl: 100 * second)
    #expect(try !cache.revoke("s"))
    #expect(cache.end("s") == nil)
    cache.now += 60 * second
    #expect(try !cache.revoke("s"))
    cache.now += 99 * second
    expectRevoked(cache, "s")
    cache.now += second
    cache.sweep()
    #expect(cache.cache.statistics.marks == 0)
  }

  @Test("survives a restart, and a flush")
  func restart() throws {
    let directory = try SegmentDirectory()
    let (first, _) = try directory.open()
    try first.set("s", [("k", "1")])
    try first.set("t", [("k", "1")])
    try first.revoke("s")
    try first.rename("t", to: "u", grace: 50 * second)
    #expect(first.flush() == 1)
    let (second, origin) = try directory.open(size: 32 << 20)
    #expect(origin == .moved(sessions: 0))
    expectRevoked(second, "s")
    #expect(second.cache.statistics.marks == 2)
    #expect(throws: CacheError.renamed) { try second.set("t", [("k", "2")]) }
    #expect(second.get("t") == nil)
  }

  @Test("of all sessions with a tag leaves the others alone")
  func everywhere() throws {
    let cache = try CacheUnderTest()
    for number in 0..<1_000 {
      try cache.set("s\(number)", [("k", "1")])
      if number % 4 == 0 { try cache.tag("s\(number)", "user 1", "all") }
    }
    try cache.rename("s0", to: "new", grace: 10 * second)
    #expect(try cache.revokeAll("user 1") == 250)
    #expect(cache.cache.sessionCount == 750)
    #expect(cache.tagged("all") == [])
    expectRevoked(cache, "new")
    expectRevoked(cache, "s4")
    #expect(cache.get("s0") == nil)
    #expect(cache.get("s1", "k") == "1")
    #expect(try cache.revokeAll("user 1") == 0)
  }

  @Test("needs no memory that is not there, however full the cache is")
  func full() throws {
    let cache = try CacheUnderTest(size: 4 << 20, sessionBytesMost: 64 << 10)
    var ids: [String] = []
    while true {
      do throws(CacheError) {
        try cache.set("s\(ids.count)", [("k", "\"\(String(repeating: "v", count: 900))\"")])
        ids.append("s\(ids.count)")
      } catch {
        #expect(error == .full)
        break
      }
    }
    for id in ids { #expect(try cache.revoke(id)) }
    #expect(cache.cache.statistics.marks == ids.count)
  }

  @Test("reaches a session by an alias as well, and ends that, too")
  func alias() throws {
    let cache = try CacheUnderTest()
    try cache.set("a", [("k", "1")])
    try cache.rename("a", to: "b", grace: 50 * second)
    try cache.rename("b", to: "c", grace: 50 * second)
    #expect(try cache.revoke("a"))
    for id in ["a", "b", "c"] {
      #expect(cache.get(id) == nil)
      #expect(throws: (any Error).self) { try cache.set(id, [("k", "2")]) }
    }
    expectRevoked(cache, "a")
    expectRevoked(cache, "c")
  }

  @Test("follows a long chain of aliases as far as readers do, and no farther")
  func longChain() throws {
    let cache = try CacheUnderTest(size: 64 << 20)
    try cache.set("s0", [("k", "1")])
    for number in 0..<30_000 { try cache.rename("s\(number)", to: "s\(number + 1)", grace: 500 * second) }
    #expect(try !cache.revoke("s0"))
    #expect(cache.get("s29999", "k") == "1")
    #expect(try cache.revoke("s29998"))
    #expect(cache.get("s30000") == nil)
  }

  @Test("lasts as long as it is said to, whatever the absolute lifetime of sessions")
  func lifetime() throws {
    let cache = try CacheUnderTest(ttl: 100 * second, lifetime: 100 * second)
    try cache.set("s", [("k", "1")])
    try cache.revoke("s")
    cache.now += 99 * second
    try cache.revoke("s")
    cache.now += 99 * second
    cache.sweep()
    expectRevoked(cache, "s")
    try cache.set("a", [("k", "1")])
    try cache.rename("a", to: "b", grace: 500 * second)
    cache.now += 450 * second
    #expect(throws: CacheError.renamed) { try cache.set("a", [("k", "2")]) }
  }

  @Test("of every session of a full cache leaves room for new ones of their size")
  func fullAndTagged() throws {
    let cache = try CacheUnderTest(size: 8 << 20, sessionBytesMost: 64 << 10)
    let value = "\"\(String(repeating: "v", count: 900))\""
    var count = 0
    while (try? cache.set("s\(count)", [("k", value)])) != nil {
      if count % 2 == 0, (try? cache.tag("s\(count)", "t")) == nil { break }
      count += 1
    }
    #expect(try cache.revokeAll("t") >= count / 2 - 1)
    for number in 0..<100 { #expect(cache.get("s\(2 * number)") == nil) }
    cache.now += 601 * second
    cache.sweep()
    #expect(cache.cache.statistics.memoryUsed == cache.cache.statistics.memoryIndex)
  }
}
