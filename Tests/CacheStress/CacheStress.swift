import SessionCache
import SessionSegment
import Synchronization
import SystemCalls

/// Readers, writers, expiry, listing and flushing all at once on one cache, built with the thread
/// sanitizer. Every session holds two fields that each write sets to the same number, so a reader that
/// sees them differ has seen half a write.
@main
enum CacheStress {
  static let rounds = 30_000
  static let second: Int64 = 1_000_000_000

  static func main() throws {
    let shared = Shared(try makeCache())
    var threads: [ServiceThread] = []
    for number in 0..<2 {
      threads.append(try ServiceThread(name: "writer-\(number)") { write(shared, number) })
    }
    for number in 0..<2 {
      threads.append(try ServiceThread(name: "reader-\(number)") { read(shared, number) })
    }
    threads.append(try ServiceThread(name: "expiry") { expire(shared) })
    threads.append(try ServiceThread(name: "lister") { list(shared) })
    for thread in threads { thread.join() }

    let torn = shared.torn.load(ordering: .relaxed)
    let statistics = shared.cache.statistics
    print(
      "cache stress: \(shared.reads.load(ordering: .relaxed)) reads, \(shared.writes.load(ordering: .relaxed)) writes, "
        + "\(statistics.expired) expired, \(torn) torn")
    // Everything ends, and every byte comes back.
    shared.now.wrappingAdd(1_000 * second, ordering: .relaxed)
    while shared.cache.sweep(at: shared.now.load(ordering: .relaxed), pause: { true }) != .max {}
    let rest = shared.cache.statistics
    guard torn == 0, statistics.expired > 0, rest.sessions == 0, rest.memoryUsed == rest.memoryIndex else {
      fatalError("torn reads, or memory that did not come back: \(rest)")
    }
  }

  final class Shared: Sendable {
    let cache: SessionCache
    let now = Atomic<Int64>(1_000 * second)
    let torn = Atomic<Int>(0)
    let reads = Atomic<Int>(0)
    let writes = Atomic<Int>(0)
    let writersLeft = Atomic<Int>(2)

    init(_ cache: SessionCache) { self.cache = cache }
    var isOver: Bool { writersLeft.load(ordering: .acquiring) == 0 }
  }

  struct NoPages: PageSource {
    func commit(offset: Int, length: Int) throws(SystemCallError) {}
    func release(offset: Int, length: Int) throws(SystemCallError) {}
  }

  static func makeCache() throws -> SessionCache {
    try SessionCache(
      segment: SegmentFile.anonymous(size: 32 << 20, pages: NoPages()), shardCount: 4,
      settings: .init(ttl: 2 * second, lifetime: 0, sessionBytesMost: 1 << 20, keysMost: 100),
      wakeReclaimer: {})
  }

  static func id(_ number: Int) -> [UInt8] { Array("session-\(number)".utf8) }

  static func write(_ shared: Shared, _ thread: Int) {
    var edits = FieldEdits(seed: shared.cache.hashSeed)
    var random = SystemRandomNumberGenerator()
    for round in 0..<rounds {
      let id = id(Int.random(in: 0..<2_000, using: &random))
      let now = shared.now.load(ordering: .relaxed)
      switch round % 16 {
      case 0: _ = shared.cache.remove(id.span, at: now)
      case 1: _ = shared.cache.setTTL(id.span, to: Int64.random(in: 1...4, using: &random) * second, at: now)
      default:
        let filler = String(repeating: "9", count: Int.random(in: 0..<600, using: &random))
        let value = "\(1 + round)\(filler)"
        let bytes = Array("ab\(value)".utf8)
        edits.removeAll()
        edits.add(key: 0..<1, value: 2..<bytes.count, in: bytes.span)
        edits.add(key: 1..<2, value: 2..<bytes.count, in: bytes.span)
        do throws(CacheError) {
          _ = try shared.cache.write(id.span, &edits, of: bytes.span, .init(), at: now)
          shared.writes.wrappingAdd(1, ordering: .relaxed)
        } catch {
          fatalError("a write was refused: \(error)")
        }
      }
    }
    shared.writersLeft.wrappingSubtract(1, ordering: .releasing)
  }

  static func read(_ shared: Shared, _ thread: Int) {
    var random = SystemRandomNumberGenerator()
    while !shared.isOver {
      let id = id(Int.random(in: 0..<2_000, using: &random))
      _ = shared.cache.read(id.span, at: shared.now.load(ordering: .relaxed), sliding: true) { record in
        var values: [[UInt8]] = []
        record.forEachField { _, value in
          var copy: [UInt8] = []
          for index in value.indices { copy.append(value[index]) }
          values.append(copy)
        }
        if values.count != 2 || values[0] != values[1] { shared.torn.wrappingAdd(1, ordering: .relaxed) }
      }
      shared.reads.wrappingAdd(1, ordering: .relaxed)
    }
  }

  /// Moves the clock on and sweeps, again and again.
  static func expire(_ shared: Shared) {
    while !shared.isOver {
      shared.now.wrappingAdd(second / 50, ordering: .relaxed)
      _ = shared.cache.sweep(at: shared.now.load(ordering: .relaxed)) { true }
      shared.cache.compact { true }
    }
  }

  static func list(_ shared: Shared) {
    var round = 0
    while !shared.isOver {
      let now = shared.now.load(ordering: .relaxed)
      _ = shared.cache.list(prefix: Array("session-1".utf8), after: [], limit: 100, at: now)
      _ = shared.cache.statistics
      round += 1
      guard round % 64 == 0 else { continue }
      var cursor: FlushCursor? = FlushCursor()
      while let place = cursor { cursor = shared.cache.flush(place, at: now).next }
    }
  }
}
