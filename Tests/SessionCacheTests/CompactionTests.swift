import SessionCache
import TestSupport
import Testing

@Suite struct CompactionTests {
  private func fill(_ cache: CacheUnderTest, value: String) throws -> Int {
    var count = 0
    while true {
      do throws(CacheError) {
        try cache.set("s\(count)", [("k", value)])
      } catch {
        #expect(error == .full)
        return count
      }
      count += 1
      try #require(count < 1_000_000)
    }
  }

  @Test("a cache full of small sessions, nearly all of them deleted, has room for large ones again")
  func otherSizes() throws {
    let cache = try CacheUnderTest(size: 16 << 20)
    let small = "\"\(String(repeating: "s", count: 100))\""
    let count = try fill(cache, value: small)
    var versions: [Int: UInt64] = [:]
    for index in 0..<count {
      if index % 200 == 0 {
        versions[index] = cache.information("s\(index)")?.version
      } else {
        #expect(try cache.remove("s\(index)"))
      }
    }
    // Each survivor keeps its run, so there are no pages; the refused write asks for them.
    let large = "\"\(String(repeating: "l", count: 400_000))\""
    #expect(throws: CacheError.full) { try cache.set("large", [("k", large)]) }
    cache.sweep()
    for index in 0..<10 { try cache.set("large\(index)", [("k", large)]) }
    for (index, version) in versions {
      #expect(cache.get("s\(index)", "k") == small)
      #expect(cache.information("s\(index)")?.version == version)
    }
    #expect(cache.cache.sessionCount == versions.count + 10)
  }

  @Test("memory that lies fallow among scattered sessions is given back without being asked for")
  func givesBack() throws {
    let cache = try CacheUnderTest(size: 64 << 20)
    let value = "\"\(String(repeating: "v", count: 300))\""
    for index in 0..<100_000 { try cache.set("s\(index)", [("k", value)]) }
    for index in 0..<100_000 where index % 50 != 0 { #expect(try cache.remove("s\(index)")) }
    for _ in 0..<2 {
      cache.now += 11 * CacheUnderTest.second
      cache.sweep()
    }
    #expect(cache.cache.statistics.memoryReserved < 8 << 20)
    for index in stride(from: 0, to: 100_000, by: 50) { #expect(cache.get("s\(index)", "k") == value) }
  }

  @Test("a cache whose runs are full is left as it is, however often it is asked")
  func nothingToDo() throws {
    let cache = try CacheUnderTest(size: 4 << 20)
    let count = try fill(cache, value: "\"\(String(repeating: "v", count: 300))\"")
    let before = cache.cache.statistics
    for _ in 0..<3 {
      cache.cache.compact { true }
      cache.now += 2 * CacheUnderTest.second
      cache.sweep()
    }
    #expect(cache.cache.statistics == before)
    for index in 0..<count { #expect(cache.get("s\(index)") != nil) }
  }

  @Test(
    "random operations with compactions in between lose nothing",
    arguments: [UInt64.random(in: 1...UInt64.max)])
  func amidOperations(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let cache = try CacheUnderTest(size: 32 << 20)
    var expected: [String: String] = [:]
    for step in 0..<20_000 {
      let id = "s\(Int.random(in: 0..<2_000, using: &random))"
      if Int.random(in: 0..<3, using: &random) == 0 {
        #expect(try cache.remove(id) == (expected.removeValue(forKey: id) != nil))
      } else {
        let value = "\"\(String(repeating: "v", count: Int.random(in: 0..<3_000, using: &random)))\""
        try cache.set(id, [("k", value)])
        expected[id] = value
      }
      if step % 500 == 0 { cache.cache.compact { true } }
    }
    for (id, value) in expected { #expect(cache.get(id, "k") == value, "seed \(seed)") }
    #expect(cache.flush() == expected.count)
    cache.sweep()
    #expect(cache.cache.statistics.memoryUsed == cache.cache.statistics.memoryIndex, "seed \(seed)")
  }
}
