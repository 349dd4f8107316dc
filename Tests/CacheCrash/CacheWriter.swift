import SessionCache
import SessionSegment
import SystemCalls
import TestSupport

/// Changes sessions of its own at random. The same seed makes the same changes, so that another process can
/// tell what was done from how many there were.
struct CacheWriter {
  let number: Int
  private(set) var sessions: [KnownSession]
  private var counter = 0

  init(number: Int, sessions: Int) {
    self.number = number
    self.sessions = (0..<sessions).map { KnownSession(id: "w\(number)-\($0)") }
  }

  /// Which session is changed next, and how. One that is ending is removed: nobody could say what a change of
  /// it makes.
  private mutating func next(_ random: inout SplitMix64) -> (index: Int, change: CacheChange) {
    let index = sessions.indices.randomElement(using: &random)!
    counter += 1
    let change = CacheChange.random(counter: counter, &random)
    return (index, sessions[index].isEnding ? .remove : change)
  }

  private func generator(_ seed: UInt64) -> SplitMix64 { SplitMix64(seed: seed &* 31 &+ UInt64(number)) }

  // MARK: In the process that is killed

  /// Changes sessions until the journal is full.
  mutating func work(_ cache: SessionCache, _ journal: Journal, seed: UInt64) {
    var random = generator(seed)
    var edits = FieldEdits(seed: cache.hashSeed)
    for number in 0..<Journal.changesMost {
      let (index, change) = next(&random)
      do throws(CacheError) {
        try perform(change, sessions[index].id, cache, &edits)
        sessions[index].apply(change)
        journal.note(.done, writer: self.number, change: number)
      } catch {
        journal.note(.refused, writer: self.number, change: number)
      }
    }
  }

  private func perform(
    _ change: CacheChange, _ id: [UInt8], _ cache: SessionCache, _ edits: inout FieldEdits
  ) throws(CacheError) {
    let now = BootClock.system.now()
    edits.removeAll()
    switch change {
    case .write(let pairs):
      var bytes: [UInt8] = []
      var ranges: [(key: Range<Int>, value: Range<Int>)] = []
      for (key, value) in pairs {
        let start = bytes.count
        bytes += key.utf8
        ranges.append((start..<bytes.count, bytes.count..<bytes.count + value.count))
        bytes += value
      }
      for (key, value) in ranges { edits.add(key: key, value: value, in: bytes.span) }
      _ = try cache.write(id.span, &edits, of: bytes.span, .init(), at: now)
    case .increment:
      let key = Array("n".utf8)
      _ = try cache.increment(id.span, key: key.span, by: 1, &edits, at: now)
    case .removeKey(let key):
      let bytes = Array(key.utf8)
      edits.add(key: 0..<bytes.count, value: nil, in: bytes.span)
      _ = try cache.removeKeys(id.span, &edits, of: bytes.span, at: now)
    case .remove: _ = try cache.remove(id.span, at: now)
    case .setTTL(let seconds): _ = try cache.setTTL(id.span, to: seconds * 1_000_000_000, at: now)
    case .end(let milliseconds): _ = try cache.setTTL(id.span, to: milliseconds * 1_000_000, at: now)
    }
  }

  // MARK: Afterwards

  /// Makes the changes that the journal tells of in the model, and holds the cache against it. The last one,
  /// of which the journal tells nothing, was made or not.
  ///
  /// - Returns: what is wrong; nil if nothing is.
  mutating func replay(_ journal: Journal, seed: UInt64, against cache: SessionCache) -> String? {
    var random = generator(seed)
    var doubtful: (index: Int, change: CacheChange)?
    for number in 0..<Journal.changesMost {
      let (index, change) = next(&random)
      let outcome = journal.outcome(writer: self.number, change: number)
      if outcome == .done { sessions[index].apply(change) }
      guard outcome == .unknown else { continue }
      doubtful = (index, change)
      break
    }
    for index in sessions.indices {
      let (found, ttl) = Self.read(sessions[index].id, cache)
      if !sessions[index].matches(found, ttl: ttl) {
        guard let doubtful, doubtful.index == index else {
          return complaint(index, found, ttl, doubtful: nil)
        }
        sessions[index].apply(doubtful.change)
        if !sessions[index].matches(found, ttl: ttl) {
          return complaint(index, found, ttl, doubtful: doubtful.change)
        }
      } else if let doubtful, doubtful.index == index, case .end = doubtful.change {
        // It may have begun to end.
        sessions[index].apply(doubtful.change)
      }
      if found == nil { sessions[index].forget() }
    }
    return nil
  }

  private func complaint(
    _ index: Int, _ found: [KnownSession.Field]?, _ ttl: Int64, doubtful: CacheChange?
  ) -> String {
    func short(_ fields: [KnownSession.Field]?) -> String {
      fields.map { fields in
        fields.map {
          "\($0.key): \($0.value.count) bytes \(String(decoding: $0.value.prefix(12), as: UTF8.self))"
        }
        .joined(separator: ", ")
      } ?? "none"
    }
    let name = String(decoding: sessions[index].id, as: UTF8.self)
    return "\(name) has \(short(found)), ttl \(ttl), and should have \(short(sessions[index].fields)), "
      + "ttl \(sessions[index].ttl)\(doubtful.map { "; in doubt is \("\($0)".prefix(60))" } ?? "")"
  }

  /// A session's fields in order, and its time to live in seconds; without a use of it.
  private static func read(_ id: [UInt8], _ cache: SessionCache) -> (
    fields: [KnownSession.Field]?, ttl: Int64
  ) {
    let found = cache.read(id.span, at: BootClock.system.now(), sliding: false) { record in
      var fields: [KnownSession.Field] = []
      record.forEachField { key, value in
        fields.append(.init(key: String(decoding: bytes(key), as: UTF8.self), value: bytes(value)))
      }
      return (fields, record.ttl / 1_000_000_000)
    }
    return (found?.0, found?.1 ?? 0)
  }

  private static func bytes(_ span: Span<UInt8>) -> [UInt8] {
    span.withUnsafeBytes { Array($0) }
  }
}
