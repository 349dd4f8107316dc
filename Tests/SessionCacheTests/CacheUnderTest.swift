import SessionCache
import SessionSegment
import SystemCalls

/// A cache in a private segment, spoken to with strings, on a clock that the test moves.
final class CacheUnderTest {
  let cache: SessionCache
  var now: Int64
  private var edits: FieldEdits

  static let second: Int64 = 1_000_000_000

  convenience init(
    size: Int = 16 << 20, shards: Int = 4, ttl: Int64 = 600 * second, lifetime: Int64 = 0,
    sessionBytesMost: Int = 1 << 20, keysMost: Int = 10_000, evictsWhenFull: Bool = false,
    backing: Backing = .none, cacheTTL: Int64 = 0, pages: any PageSource = MemoryPages(),
    wakeReclaimer: @escaping @Sendable () -> Void = {}
  ) throws {
    let segment = try SegmentFile.anonymous(size: size, pages: pages)
    let cache = try SessionCache(
      segment: segment, shardCount: shards,
      settings: .init(
        ttl: ttl, lifetime: lifetime, sessionBytesMost: sessionBytesMost, keysMost: keysMost,
        evictsWhenFull: evictsWhenFull, cacheTTL: cacheTTL),
      backing: backing,
      wakeReclaimer: wakeReclaimer)
    self.init(cache, now: 1_000_000_000_000)
  }

  init(_ cache: SessionCache, now: Int64) {
    self.cache = cache
    self.now = now
    edits = FieldEdits(seed: cache.hashSeed)
  }

  func get(_ id: String, sliding: Bool = true) -> [(String, String)]? {
    let id = Array(id.utf8)
    return cache.read(id.span, at: now, sliding: sliding) { record in
      var fields: [(String, String)] = []
      record.forEachField { key, value in fields.append((text(key), text(value))) }
      return fields
    }
  }

  func get(_ id: String, _ key: String) -> String? {
    let (id, key) = (Array(id.utf8), Array(key.utf8))
    return cache.read(id.span, at: now, sliding: true) { record in
      record.withValue(of: key.span) { text($0) }
    } ?? nil
  }

  @discardableResult
  func set(
    _ id: String, _ fields: [(String, String)], ifVersion: UInt64? = nil, ttl: Int64? = nil
  ) throws(CacheError) -> UInt64 {
    var bytes: [UInt8] = []
    edits.removeAll()
    var ranges: [(Range<Int>, Range<Int>)] = []
    for (key, value) in fields {
      let start = bytes.count
      bytes += key.utf8
      let middle = bytes.count
      bytes += value.utf8
      ranges.append((start..<middle, middle..<bytes.count))
    }
    for (key, value) in ranges { edits.add(key: key, value: value, in: bytes.span) }
    let name = Array(id.utf8)
    return try cache.write(
      name.span, &edits, of: bytes.span, .init(version: ifVersion, ttl: ttl), at: now)
  }

  func remove(_ id: String, keys: [String]) throws(CacheError) -> Int {
    var bytes: [UInt8] = []
    edits.removeAll()
    var ranges: [Range<Int>] = []
    for key in keys {
      ranges.append(bytes.count..<bytes.count + key.utf8.count)
      bytes += key.utf8
    }
    for key in ranges { edits.add(key: key, value: nil, in: bytes.span) }
    let name = Array(id.utf8)
    return try cache.removeKeys(name.span, &edits, of: bytes.span, at: now)
  }

  func increment(_ id: String, _ key: String, by amount: Int64 = 1) throws(CacheError) -> Int64 {
    let (id, key) = (Array(id.utf8), Array(key.utf8))
    return try cache.increment(id.span, key: key.span, by: amount, &edits, at: now)
  }

  func remove(_ id: String) throws(CacheError) -> Bool {
    let id = Array(id.utf8)
    return try cache.remove(id.span, at: now)
  }

  func touch(_ id: String) throws(CacheError) -> Bool {
    let id = Array(id.utf8)
    return try cache.touch(id.span, at: now)
  }

  func setTTL(_ id: String, _ ttl: Int64) throws(CacheError) -> Bool {
    let id = Array(id.utf8)
    return try cache.setTTL(id.span, to: ttl, at: now)
  }

  func information(_ id: String) -> SessionCache.Information? {
    let id = Array(id.utf8)
    return cache.information(id.span, at: now)
  }

  @discardableResult
  func sweep() -> Int64 { cache.sweep(at: now) { true } }

  func flush() -> Int {
    var cursor: WalkCursor? = WalkCursor()
    var removed = 0
    while let place = cursor {
      let step = cache.flush(place, at: now)
      removed += step.removed
      cursor = step.next
    }
    return removed
  }

  func list(prefix: String = "", limit: Int = 100) -> [String] {
    var ids: [String] = []
    var after: [UInt8] = []
    while true {
      let part = cache.list(prefix: Array(prefix.utf8), after: after, limit: limit, at: now)
      ids += part.ids.map { String(decoding: $0, as: UTF8.self) }
      guard let next = part.next else { return ids }
      after = next
    }
  }
}

func text(_ bytes: Span<UInt8>) -> String {
  var array: [UInt8] = []
  for index in bytes.indices { array.append(bytes[index]) }
  return String(decoding: array, as: UTF8.self)
}

/// Pages that are always to be had: the memory of an anonymous file.
struct MemoryPages: PageSource {
  func commit(offset: Int, length: Int) throws(SystemCallError) {}
  func release(offset: Int, length: Int) throws(SystemCallError) {}
}
