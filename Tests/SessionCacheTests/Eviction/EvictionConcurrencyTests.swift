import Glibc
import SessionSegment
import Synchronization
import SystemCalls
import TestSupport
import Testing

@testable import SessionCache

/// What several threads make of a full cache at once. Some of the memory is nobody's then for a moment: it has left the
/// index, and is not free yet.
@Suite("A full cache that many threads write to")
struct EvictionConcurrencyTests {
  /// Pages of which a large piece takes long to come, once.
  private final class SlowPages: PageSource {
    let isArmed = Atomic<Bool>(false)
    let hasBegun = Atomic<Bool>(false)
    let mayEnd = Atomic<Bool>(false)

    func commit(offset: Int, length: Int) throws(SystemCallError) {
      guard length > 1 << 20, isArmed.exchange(false, ordering: .relaxed) else { return }
      hasBegun.store(true, ordering: .releasing)
      // Bounded, for whoever waits for these pages can't say so.
      for _ in 0..<2_000 where !mayEnd.load(ordering: .acquiring) { usleep(100) }
    }

    func release(offset: Int, length: Int) throws(SystemCallError) {}
  }

  private func value(_ length: Int) -> [(String, String)] {
    [("k", "\"\(String(repeating: "v", count: length))\"")]
  }

  /// Bytes of all pages that sessions and the index may have.
  private func room(_ cache: CacheUnderTest) -> Int {
    cache.cache.allocator.common.pages.count * SegmentLayout.pageBytes
  }

  @Test("refuses nobody while pages are on their way to another thread")
  func pagesUnderWay() throws {
    let pages = SlowPages()
    let cache = try CacheUnderTest(
      size: 8 << 20, sessionBytesMost: 8 << 20, evictsWhenFull: true, pages: pages)
    let (shared, now) = (cache.cache, cache.now)
    let length = room(cache) / 10 * 6
    pages.isArmed.store(true, ordering: .relaxed)
    let refused = Atomic<Bool>(false)
    let other = try ServiceThread(name: "other") {
      let other = CacheUnderTest(shared, now: now)
      if (try? other.set("first", [("k", "\"\(String(repeating: "v", count: length))\"")])) == nil {
        refused.store(true, ordering: .relaxed)
      }
    }
    while !pages.hasBegun.load(ordering: .acquiring) { sched_yield() }
    defer {
      pages.mayEnd.store(true, ordering: .releasing)
      other.join()
      let wasRefused = refused.load(ordering: .relaxed)
      #expect(!wasRefused)
    }
    try cache.set("second", value(length))
  }

  @Test("refuses nobody while compaction keeps room free")
  func evacuation() throws {
    let cache = try CacheUnderTest(size: 8 << 20, sessionBytesMost: 8 << 20, evictsWhenFull: true)
    for number in 0..<2_000 { try cache.set("s\(number)", value(900)) }
    for number in 0..<2_000 where number % 4 != 0 { _ = try cache.remove("s\(number)") }
    var failures = 0
    var rounds = 0
    cache.cache.compact {
      rounds += 1
      do throws(CacheError) {
        try cache.set("large\(rounds)", value(room(cache) / 10 * 8))
      } catch {
        failures += 1
      }
      return rounds < 100
    }
    #expect(rounds > 1)
    #expect(failures == 0)
  }

  @Test("refuses nobody because of pages that were got for a change that did not take them")
  func abandonedPages() throws {
    let cache = try CacheUnderTest(size: 8 << 20, sessionBytesMost: 8 << 20, evictsWhenFull: true)
    let common = cache.cache.allocator.common
    while common.refill(.init(bytes: 500_000)) {}
    for number in 0..<20 { try cache.set("s\(number)", value(room(cache) / 2)) }
  }

  @Test(
    "refuses nobody though others flush, sweep and fill it", arguments: [UInt64.random(in: 0...UInt64.max)])
  func crowd(seed: UInt64) throws {
    let cache = try CacheUnderTest(size: 4 << 20, sessionBytesMost: 1 << 19, evictsWhenFull: true)
    let (shared, now) = (cache.cache, cache.now)
    let refusals = Atomic<Int>(0)
    let writersLeft = Atomic<Int>(4)
    var threads: [ServiceThread] = []
    for number in 0..<4 {
      threads.append(
        try ServiceThread(name: "writer-\(number)") {
          var random = SplitMix64(seed: seed &+ UInt64(number))
          let own = CacheUnderTest(shared, now: now)
          for session in 0..<400 {
            let most = [200, 3_000, 60_000, 200_000][session / 20 % 4]
            let text = String(repeating: "v", count: Int.random(in: 1...most, using: &random))
            if (try? own.set("s\(number)-\(session)", [("k", "\"\(text)\"")])) == nil {
              refusals.wrappingAdd(1, ordering: .relaxed)
            }
          }
          writersLeft.wrappingSubtract(1, ordering: .releasing)
        })
    }
    threads.append(
      try ServiceThread(name: "reclaimer") {
        while writersLeft.load(ordering: .acquiring) > 0 {
          _ = shared.sweep(at: now) { true }
          shared.compact { true }
        }
      })
    threads.append(
      try ServiceThread(name: "flusher") {
        let own = CacheUnderTest(shared, now: now)
        while writersLeft.load(ordering: .acquiring) > 0 {
          _ = own.flush()
          usleep(2_000)
        }
      })
    for thread in threads { thread.join() }
    let refused = refusals.load(ordering: .relaxed)
    #expect(refused == 0, "seed \(seed)")
    // What the index names is what is in use.
    let named = shared.shards.reduce(0) { sum, shard in sum + shard.lock.withReadLock { shard.blockCount } }
    #expect(named == shared.allocator.use.blocks, "seed \(seed)")
    _ = cache.flush()
    cache.sweep()
    #expect(shared.statistics.memoryUsed == shared.statistics.memoryIndex, "seed \(seed)")
  }
}
