import SessionCache
import Synchronization
import SystemCalls
import Testing

@Suite struct CacheMemoryTests {
  let second = CacheUnderTest.second

  @Test("a full cache refuses what adds, still serves, still lets go, and takes again afterwards")
  func fullCache() throws {
    let cache = try CacheUnderTest(size: 2 << 20)
    let value = "\"\(String(repeating: "v", count: 900))\""
    var count = 0
    while true {
      do throws(CacheError) {
        try cache.set("s\(count)", [("k", value)])
      } catch {
        #expect(error == .full)
        break
      }
      count += 1
      try #require(count < 10_000)
    }
    // Seven tenths of so small a segment are there for the sessions; an eighth is the spare.
    #expect(count * 900 > (2 << 20) / 10 * 7)
    #expect(throws: CacheError.full) { try cache.set("one more", [("k", value)]) }
    for index in 0..<count { #expect(cache.get("s\(index)", "k") == value) }
    // A change that adds nothing goes through, and so does taking out.
    try cache.set("s0", [("k", value)])
    #expect(try cache.remove("s1", keys: ["k"]) == 1)
    for index in 0..<count / 2 { #expect(try cache.remove("s\(index)")) }
    for index in 0..<count / 2 { try cache.set("t\(index)", [("k", value)]) }
  }

  @Test("when the file system under the segment is full, writes are refused and come back when there is room")
  func fullFileSystem() throws {
    let pages = BlockAllocatorTests.FickleSource()
    let cache = try CacheUnderTest(pages: pages)
    try cache.set("before", [("k", "1")])
    pages.refuses.store(true, ordering: .relaxed)
    let large = "\"\(String(repeating: "v", count: 100_000))\""
    #expect(throws: CacheError.full) { try cache.set("s", [("k", large)]) }
    #expect(throws: CacheError.full) { try cache.set("before", [("k", large)]) }
    #expect(cache.get("before", "k") == "1")
    pages.refuses.store(false, ordering: .relaxed)
    try cache.set("s", [("k", large)])
    #expect(cache.get("s", "k") == large)
  }

  @Test("the index grows and every session is found and listed once, 1 shard or many", arguments: [1, 64])
  func growth(shards: Int) throws {
    let cache = try CacheUnderTest(size: 64 << 20, shards: shards)
    let count = 50_000
    for index in 0..<count { try cache.set("session \(index)", [("n", "\(index)")]) }
    for index in 0..<count { #expect(cache.get("session \(index)", "n") == "\(index)") }
    let listed = cache.list(limit: 1_000)
    #expect(listed.count == count)
    #expect(Set(listed).count == count)
    #expect(cache.list(prefix: "session 1234", limit: 3).count == 11)
    #expect(cache.cache.statistics.sessions == count)
    #expect(cache.flush() == count)
    #expect(cache.list() == [])
    #expect(cache.cache.statistics.memoryUsed == cache.cache.statistics.memoryIndex)
  }

  @Test("sessions that are there during a whole listing are listed exactly once, whatever comes and goes")
  func stableListing() throws {
    let cache = try CacheUnderTest(size: 64 << 20, shards: 2)
    for index in 0..<5_000 { try cache.set("stays \(index)", []) }
    var listed: [String: Int] = [:]
    var after: [UInt8] = []
    var round = 0
    while true {
      let part = cache.cache.list(prefix: [], after: after, limit: 100, at: cache.now)
      for id in part.ids { listed[String(decoding: id, as: UTF8.self), default: 0] += 1 }
      for index in 0..<300 { try cache.set("comes \(round) \(index)", []) }
      for index in 0..<100 { _ = try cache.remove("comes \(round) \(index)") }
      round += 1
      guard let next = part.next else { break }
      after = next
      try #require(round < 10_000)
    }
    for index in 0..<5_000 { #expect(listed["stays \(index)"] == 1) }
    #expect(listed.values.allSatisfy { $0 == 1 })
  }

  @Test("a sweep frees what has expired, keeps what was used, and says when to come again")
  func sweeping() throws {
    let cache = try CacheUnderTest(size: 64 << 20, ttl: 100 * second)
    for index in 0..<10_000 {
      try cache.set("s\(index)", [("k", "\"\(String(repeating: "v", count: 200))\"")])
    }
    let full = cache.cache.statistics
    #expect(full.memoryReserved > 10_000 * 200)
    cache.now += 60 * second
    for index in 0..<100 { #expect(try cache.touch("s\(index)")) }
    let next = cache.sweep()
    #expect(cache.cache.sessionCount == 10_000)
    #expect(next > cache.now && next <= cache.now + 40 * second + second / 4)
    cache.now = next
    cache.sweep()
    #expect(cache.cache.sessionCount == 100)
    #expect(cache.cache.statistics.expired == 9_900)
    // The memory goes a second later: a reader may still be looking at it.
    cache.now += second
    cache.sweep()
    #expect(cache.cache.statistics.memoryReserved < full.memoryReserved / 2)
    cache.now += 100 * second
    #expect(cache.sweep() == cache.now + second)
    cache.now += second
    #expect(cache.sweep() == .max)
    #expect(cache.cache.sessionCount == 0)
  }

  @Test("the index shrinks again when its sessions are gone, and finds those that stay", arguments: [1, 8])
  func shrinking(shards: Int) throws {
    let cache = try CacheUnderTest(size: 64 << 20, shards: shards, ttl: 10 * second)
    let empty = cache.cache.statistics.memoryIndex
    for index in 0..<40_000 { try cache.set("s\(index)", [], ttl: index % 1_000 == 0 ? 900 * second : nil) }
    #expect(cache.cache.statistics.memoryIndex > 20 * empty || shards > 1)
    cache.now += 11 * second
    while cache.sweep() <= cache.now {}
    #expect(cache.cache.sessionCount == 40)
    for index in stride(from: 0, to: 40_000, by: 1_000) { #expect(cache.get("s\(index)") != nil) }
    #expect(cache.cache.statistics.memoryIndex == empty)
    for index in 0..<40_000 { try cache.set("t\(index)", []) }
    #expect(cache.list(limit: 1_000).count == 40_040)
    #expect(cache.flush() == 40_040)
    while cache.sweep() <= cache.now {}
    #expect(cache.cache.statistics.memoryIndex == empty)
    #expect(cache.cache.statistics.memoryUsed == empty)
  }

  @Test("an expired session is none to any write, and its keys are not there again")
  func writesToExpired() throws {
    let cache = try CacheUnderTest(ttl: 10 * second)
    for id in ["set", "incr", "del", "delkey", "if"] { try cache.set(id, [("old", "1")]) }
    cache.now += 10 * second
    try cache.set("set", [("new", "2")])
    #expect(cache.get("set")?.map { $0.0 } == ["new"])
    #expect(try cache.increment("incr", "old") == 1)
    #expect(try !cache.remove("del"))
    #expect(try cache.remove("delkey", keys: ["old"]) == 0)
    try cache.set("if", [("new", "2")], ifVersion: 0)
    #expect(cache.cache.statistics.expired == 5)
  }

  @Test("deleting much wakes who gives the memory back, once, and not for little")
  func wakesForSurplus() throws {
    let woken = Atomic<Int>(0)
    let cache = try CacheUnderTest(size: 64 << 20) { woken.wrappingAdd(1, ordering: .relaxed) }
    let value = "\"\(String(repeating: "v", count: 8_000))\""
    for index in 0..<4_000 { try cache.set("s\(index)", [("k", value)]) }
    cache.sweep()
    let before = woken.load(ordering: .relaxed)
    for index in 0..<100 { #expect(try cache.remove("s\(index)")) }
    #expect(woken.load(ordering: .relaxed) == before)
    for index in 100..<4_000 { #expect(try cache.remove("s\(index)")) }
    #expect(woken.load(ordering: .relaxed) == before + 1)
    let reserved = cache.cache.statistics.memoryReserved
    for _ in 0..<3 {
      cache.sweep()
      cache.now += second
    }
    #expect(cache.cache.statistics.memoryReserved < reserved / 10)
  }

  @Test("an earlier deadline wakes who waits for a later one")
  func wakesForEarlierDeadline() throws {
    let woken = Atomic<Int>(0)
    let segment = try SegmentFile.anonymous(size: 4 << 20, pages: MemoryPages())
    let cache = try SessionCache(
      segment: segment, shardCount: 4,
      settings: .init(ttl: 600 * second, lifetime: 0, sessionBytesMost: 1 << 20, keysMost: 100),
      wakeReclaimer: { woken.wrappingAdd(1, ordering: .relaxed) })
    var edits = FieldEdits(seed: cache.hashSeed)
    func set(_ id: String, ttl: Int64, at now: Int64) throws {
      let id = Array(id.utf8)
      let none: [UInt8] = []
      _ = try cache.write(id.span, &edits, of: none.span, .init(ttl: ttl), at: now)
    }
    let now: Int64 = 1_000 * second
    try set("a", ttl: 100 * second, at: now)
    #expect(woken.load(ordering: .relaxed) == 1)
    #expect(cache.sweep(at: now) { true } == now + 100 * second)
    try set("b", ttl: 200 * second, at: now)
    #expect(woken.load(ordering: .relaxed) == 1)
    try set("c", ttl: 50 * second, at: now)
    #expect(woken.load(ordering: .relaxed) == 2)
    #expect(cache.sweep(at: now) { true } == now + 50 * second)
  }
}
