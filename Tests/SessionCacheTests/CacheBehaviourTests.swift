import SessionCache
import Synchronization
import SystemCalls
import Testing

@Suite struct CacheBehaviourTests {
  let second = CacheUnderTest.second

  @Test("a value reads back as it was written, and a replaced key keeps its place")
  func readsBack() throws {
    let cache = try CacheUnderTest()
    let first = try cache.set("s", [("a", "1"), ("b", "2"), ("c", "3")])
    let second = try cache.set("s", [("b", "\"two\""), ("d", "4")])
    #expect(second > first)
    #expect(cache.get("s")?.map { "\($0)=\($1)" } == ["a=1", "b=\"two\"", "c=3", "d=4"])
    #expect(cache.get("s", "b") == "\"two\"")
    #expect(cache.get("s", "x") == nil)
    #expect(cache.get("t") == nil)
  }

  @Test(
    "of a key that comes twice in one write the last value wins, also among many keys",
    arguments: [2, 50, 3_000])
  func lastOneWins(count: Int) throws {
    let cache = try CacheUnderTest()
    try cache.set("s", (0..<count).map { ("k\($0 / 2)", "\($0)") })
    #expect(cache.get("s")?.count == (count + 1) / 2)
    #expect(cache.get("s", "k0") == "1")
    #expect(cache.get("s", "k\((count - 1) / 2)") == "\(count - 1)")
  }

  @Test("unused for its idle time a session is gone, used within it it lives on")
  func idleTimeSlides() throws {
    let cache = try CacheUnderTest(ttl: 10 * second)
    try cache.set("used", [("k", "1")])
    try cache.set("unused", [("k", "1")])
    for _ in 0..<5 {
      cache.now += 9 * second
      #expect(cache.get("used", "k") == "1")
    }
    #expect(cache.get("unused") == nil)
    cache.now += 10 * second
    #expect(cache.get("used") == nil)
  }

  @Test("a look that does not slide leaves the session its end")
  func peekDoesNotSlide() throws {
    let cache = try CacheUnderTest(ttl: 10 * second)
    try cache.set("s", [("k", "1")])
    cache.now += 9 * second
    #expect(cache.get("s", sliding: false) != nil)
    #expect(cache.information("s")?.remaining == second)
    cache.now += second
    #expect(cache.get("s", sliding: false) == nil)
  }

  @Test("no use passes the absolute lifetime")
  func absoluteLifetime() throws {
    let cache = try CacheUnderTest(ttl: 10 * second, lifetime: 25 * second)
    try cache.set("s", [("k", "1")])
    for _ in 0..<4 {
      cache.now += 6 * second
      #expect(try cache.touch("s"))
    }
    #expect(cache.information("s")?.remaining == second)
    #expect(try cache.setTTL("s", 100 * second))
    cache.now += second
    #expect(cache.get("s") == nil)
    #expect(try !cache.touch("s"))
  }

  @Test("a changed absolute lifetime counts for the sessions that there are")
  func changedLifetime() throws {
    let cache = try CacheUnderTest(ttl: 1_000 * second)
    try cache.set("s", [("k", "1")])
    cache.now += 50 * second
    var settings = cache.cache.settings
    settings.lifetime = 40 * second
    cache.cache.settings = settings
    #expect(cache.get("s") == nil)
    cache.sweep()
    #expect(cache.cache.sessionCount == 0)
  }

  @Test("a slower request with an older clock reading shortens nobody's session")
  func olderClock() throws {
    let cache = try CacheUnderTest(ttl: 10 * second)
    try cache.set("s", [("k", "1")])
    cache.now += 5 * second
    #expect(try cache.touch("s"))
    cache.now -= 4 * second
    #expect(try cache.touch("s"))
    cache.now += 4 * second
    #expect(cache.information("s")?.remaining == 10 * second)
  }

  @Test("versions grow across deletes and sessions and are never used again")
  func versionsAreUnique() throws {
    let cache = try CacheUnderTest()
    var last: UInt64 = 0
    for round in 0..<100 {
      for id in ["a", "b"] {
        let version = try cache.set(id, [("k", "\(round)")])
        #expect(version > last)
        last = version
      }
      #expect(try cache.remove("a"))
    }
  }

  @Test("a conditional write happens with the right version only, and says which one it is")
  func conditions() throws {
    let cache = try CacheUnderTest()
    let version = try cache.set("s", [("k", "1")], ifVersion: 0)
    #expect(throws: CacheError.conflict(current: version)) { try cache.set("s", [("k", "2")], ifVersion: 0) }
    let next = try cache.set("s", [("k", "3")], ifVersion: version)
    #expect(throws: CacheError.conflict(current: next)) {
      try cache.set("s", [("k", "4")], ifVersion: version)
    }
    #expect(throws: CacheError.conflict(current: 0)) { try cache.set("t", [("k", "4")], ifVersion: 7) }
    #expect(cache.get("s", "k") == "3")
    #expect(cache.get("t") == nil)
  }

  @Test("counting stops at the ends of 64 bits and at what is no number, with nothing changed")
  func counting() throws {
    let cache = try CacheUnderTest()
    #expect(try cache.increment("s", "n", by: .max) == .max)
    #expect(throws: CacheError.overflow) { try cache.increment("s", "n") }
    #expect(try cache.increment("s", "m", by: .min) == .min)
    #expect(throws: CacheError.overflow) { try cache.increment("s", "m", by: -1) }
    for value in ["1.5", "\"x\"", "1e3", "null", "[1]", "9223372036854775808", "-"] {
      let version = try cache.set("s", [("v", value)])
      #expect(throws: CacheError.notANumber) { try cache.increment("s", "v") }
      #expect(cache.information("s")?.version == version)
    }
    #expect(cache.get("s", "n") == "\(Int64.max)")
  }

  @Test("taking the last key out leaves an empty session, taking the session out leaves none")
  func removing() throws {
    let cache = try CacheUnderTest()
    try cache.set("s", [("a", "1"), ("b", "2")])
    #expect(try cache.remove("s", keys: ["a", "x", "a"]) == 1)
    #expect(try cache.remove("s", keys: ["b"]) == 1)
    #expect(cache.get("s")?.isEmpty == true)
    #expect(try cache.remove("s"))
    #expect(try !cache.remove("s"))
    #expect(try cache.remove("s", keys: ["a"]) == 0)
    #expect(cache.cache.sessionCount == 0)
  }

  @Test("a session over its limits is refused and stays as it was")
  func limits() throws {
    let cache = try CacheUnderTest(sessionBytesMost: 2_000, keysMost: 10)
    let version = try cache.set("s", [("a", "1")])
    #expect(throws: CacheError.self) { try cache.set("s", [("b", String(repeating: "9", count: 2_000))]) }
    #expect(throws: CacheError.tooManyKeys(11)) { try cache.set("s", (0..<10).map { ("k\($0)", "1") }) }
    #expect(cache.information("s")?.version == version)
    try cache.set("s", (0..<9).map { ("k\($0)", "1") })
    #expect(cache.get("s")?.count == 10)
  }
}
