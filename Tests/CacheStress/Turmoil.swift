import SessionCache
import SessionSegment
import Synchronization
import TestSupport

/// Everything that happens to a cache besides reads and writes of the sessions that are looked at.
enum Turmoil {
  /// Moves the clock on, sweeps and moves records together, again and again.
  static func expire(_ shared: SharedCache) {
    while !shared.isOver {
      shared.now.wrappingAdd(SharedCache.second / 50, ordering: .relaxed)
      _ = shared.cache.sweep(at: shared.now.load(ordering: .relaxed)) { true }
      shared.cache.compact { true }
    }
  }

  /// Lists, and flushes now and then.
  static func list(_ shared: SharedCache) {
    var round = 0
    while !shared.isOver {
      let now = shared.now.load(ordering: .relaxed)
      _ = shared.cache.list(prefix: Array("session-1".utf8), after: [], limit: 100, at: now)
      _ = shared.cache.statistics
      round += 1
      guard round % 512 == 0 else { continue }
      var cursor: WalkCursor? = WalkCursor()
      while let place = cursor { cursor = shared.cache.flush(place, at: now).next }
    }
  }

  /// Makes thousands of other sessions and ends them again, so that the index splits and joins its pages,
  /// and blocks are used for one thing after another.
  static func crowd(_ shared: SharedCache) {
    let ids = (0..<4_000).map { Array("crowd-\($0)".utf8) }
    var edits = FieldEdits(seed: shared.cache.hashSeed)
    while !shared.isOver {
      for (number, id) in ids.enumerated() where !shared.isOver {
        let bytes = Array("a".utf8) + Array(repeating: 0x31, count: 1 + number * 37 % 900)
        edits.removeAll()
        edits.add(key: 0..<1, value: 1..<bytes.count, in: bytes.span)
        do throws(CacheError) {
          _ = try shared.cache.write(
            id.span, &edits, of: bytes.span, .init(), at: shared.now.load(ordering: .relaxed))
        } catch {
          shared.fail("a write was refused: \(error)")
        }
        shared.crowded.wrappingAdd(1, ordering: .relaxed)
      }
      for id in ids {
        do throws(CacheError) {
          _ = try shared.cache.remove(id.span, at: shared.now.load(ordering: .relaxed))
        } catch {
          shared.fail("a removal was refused: \(error)")
        }
      }
    }
  }

  /// Begins sessions without end, of sizes that come in turns, a few of them tagged: others must go for them.
  static func overfill(_ shared: SharedCache, _ number: Int) {
    var random = SplitMix64(seed: UInt64(number) &+ 1)
    var edits = FieldEdits(seed: shared.cache.hashSeed)
    let key = Array("a".utf8)
    let bytes = key + Array(repeating: 0x31, count: 200_000)
    var session = 0
    while !shared.isOver {
      let sizes = [200, 900, 3_000, 60_000, 200_000][session / 100 % 5]
      let id = Array("full-\(number)-\(session)".utf8)
      let now = shared.now.load(ordering: .relaxed)
      edits.removeAll()
      edits.add(key: 0..<1, value: 1..<(1 + random.pick(sizes) + 1), in: bytes.span)
      do throws(CacheError) {
        _ = try shared.cache.write(id.span, &edits, of: bytes.span, .init(), at: now)
        if random.pick(4) == 0 { _ = try shared.cache.addTags(id.span, [0..<1], of: key.span, at: now) }
      } catch {
        shared.fail("a write was refused: \(error)")
      }
      session += 1
      shared.crowded.wrappingAdd(1, ordering: .relaxed)
    }
  }
}
