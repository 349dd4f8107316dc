import SessionSegment
import TestSupport
import Testing

@testable import SessionCache

/// A cache that is full of sessions of one size has their memory in blocks of that size.
@Suite("A full cache that evicts, whatever the sizes,")
struct EvictionSizeTests {
  enum Sizes: String, CaseIterable, Sendable {
    case tiny, small, large, huge, similar, all

    func next(_ random: inout SplitMix64) -> Int {
      switch self {
      case .tiny: 30
      case .small: 900
      case .large: 100_000
      case .huge: 600_000
      case .similar: Int.random(in: 400...1_500, using: &random)
      case .all: Int.random(in: 1...(1 << Int.random(in: 4...19, using: &random)), using: &random)
      }
    }
  }

  /// Writes sessions until twice the cache's memory has come in, using some again; what they hold.
  private func write(
    _ sizes: Sizes, _ cache: CacheUnderTest, _ number: inout Int, _ random: inout SplitMix64,
    _ lengths: inout [String: Int]
  ) throws {
    var bytes = 0
    while bytes < 2 * cache.cache.segmentBytes {
      let length = sizes.next(&random)
      let id = "s\(number)"
      cache.now += 2_000_000
      try cache.set(id, [("k", "\"\(String(repeating: "v", count: length))\"")])
      lengths[id] = length
      bytes += max(length + 60, 256)
      number += 1
      if Int.random(in: 0..<3, using: &random) == 0 {
        _ = cache.get("s\(Int.random(in: 0..<number, using: &random))")
      }
    }
  }

  private func expectSound(_ cache: CacheUnderTest, _ lengths: [String: Int], _ comment: Comment) {
    for id in cache.list(limit: 1_000) {
      #expect(cache.get(id, "k")?.utf8.count == lengths[id]! + 2, comment)
    }
    let statistics = cache.cache.statistics
    #expect(statistics.memoryUsed > statistics.memoryLimit / 2, comment)
    #expect(cache.cache.allocator.spare.memory.used == 0, comment)
  }

  @Test(
    "refuses nothing when sessions of another size come, loses no byte, and stays in use",
    arguments: Sizes.allCases, Sizes.allCases)
  func turn(first: Sizes, second: Sizes) throws {
    var random = SplitMix64(seed: 5)
    let cache = try CacheUnderTest(size: 6 << 20, shards: 8, evictsWhenFull: true)
    var number = 0
    var lengths: [String: Int] = [:]
    for sizes in [first, second, first] {
      try write(sizes, cache, &number, &random, &lengths)
      expectSound(cache, lengths, "\(first) and \(second), \(sizes)")
    }
    _ = cache.flush()
    cache.sweep()
    #expect(cache.cache.statistics.memoryUsed == cache.cache.statistics.memoryIndex)
  }

  @Test(
    "ends not many more bytes than come in",
    arguments: [(Sizes.small, Sizes.large), (.small, .huge), (.large, .small)])
  func economy(first: Sizes, second: Sizes) throws {
    var random = SplitMix64(seed: 9)
    let cache = try CacheUnderTest(size: 16 << 20, shards: 16, evictsWhenFull: true)
    var number = 0
    var lengths: [String: Int] = [:]
    try write(first, cache, &number, &random, &lengths)
    try write(second, cache, &number, &random, &lengths)
    let before = Set(cache.list(limit: 1_000))
    try write(second, cache, &number, &random, &lengths)
    let ended = before.subtracting(cache.list(limit: 1_000)).reduce(0) { $0 + lengths[$1]! }
    #expect(ended <= 2 * cache.cache.segmentBytes)
    #expect(cache.cache.statistics.memoryUsed > cache.cache.statistics.memoryLimit * 3 / 4)
  }
}
