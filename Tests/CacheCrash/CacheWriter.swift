import SegmentAudit
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
    self.sessions = (0..<sessions).map { KnownSession(name: "w\(number)-\($0)") }
  }

  /// Which session is changed next, and how. One that is ending is removed: nobody could say what a change of
  /// it makes.
  private mutating func next(_ random: inout SplitMix64) -> (index: Int, change: CacheChange) {
    let index = sessions.indices.randomElement(using: &random)!
    counter += 1
    let change = CacheChange.random(counter: counter, &random)
    return (index, sessions[index].endsAfter == nil ? change : .remove)
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
        try perform(change, sessions[index], cache, &edits)
        sessions[index].apply(change, at: 0...0)
        journal.note(.done, writer: self.number, change: number)
      } catch {
        sessions[index].begin(change, at: 0...0)
        journal.note(.refused, writer: self.number, change: number)
      }
    }
  }

  private func perform(
    _ change: CacheChange, _ session: KnownSession, _ cache: SessionCache, _ edits: inout FieldEdits
  ) throws(CacheError) {
    let now = BootClock.system.now()
    let id = session.id
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
    case .tag(let tags):
      let (bytes, ranges) = Self.joined(tags)
      _ = try cache.addTags(id.span, ranges, of: bytes.span, at: now)
    case .untag(let tags):
      let (bytes, ranges) = Self.joined(tags)
      _ = try cache.removeTags(id.span, ranges, of: bytes.span, at: now)
    case .rename, .revoke:
      guard session.fields != nil else { return }
      try close(change, session, cache)
    }
  }

  private func close(
    _ change: CacheChange, _ session: KnownSession, _ cache: SessionCache
  ) throws(CacheError) {
    let (id, new) = (session.id, session.nextID)
    let now = BootClock.system.now()
    _ = try cache.setTTL(id.span, to: CacheChange.markSeconds * 1_000_000_000, at: now)
    guard case .rename(let hasGrace) = change else {
      _ = try cache.revoke(id.span, at: now)
      return
    }
    let grace = hasGrace ? CacheChange.graceSeconds * 1_000_000_000 : nil
    _ = try cache.rename(id.span, to: new.span, grace: grace, at: now, by: nil)
    _ = try cache.setTTL(new.span, to: KnownSession.defaultTTL * 1_000_000_000, at: now)
  }

  private static func joined(_ tags: [String]) -> (bytes: [UInt8], ranges: [Range<Int>]) {
    var bytes: [UInt8] = []
    let ranges = tags.map { tag in
      bytes += tag.utf8
      return bytes.count - tag.utf8.count..<bytes.count
    }
    return (bytes, ranges)
  }

  // MARK: Afterwards

  /// Makes the changes that the journal tells of in the model, and holds the cache against it. The last one,
  /// of which the journal tells nothing, was made or not, or in part.
  ///
  /// - Parameters:
  ///   - moment: when the changes were made.
  ///   - marks: what an audit found in the cache.
  /// - Returns: what is wrong; nil if nothing is.
  mutating func replay(
    _ journal: Journal, seed: UInt64, at moment: ClosedRange<Int64>, against cache: SessionCache,
    _ marks: [[UInt8]: AuditedMark]
  ) -> String? {
    var random = generator(seed)
    var doubtful: (index: Int, change: CacheChange)?
    for number in 0..<Journal.changesMost {
      let (index, change) = next(&random)
      switch journal.outcome(writer: self.number, change: number) {
      case .done: sessions[index].apply(change, at: moment)
      case .refused: sessions[index].begin(change, at: moment)
      case .unknown: doubtful = (index, change)
      }
      if doubtful != nil { break }
    }
    let now = BootClock.system.now()
    for index in sessions.indices {
      let inDoubt = doubtful.flatMap { $0.index == index ? $0.change : nil }
      let possible = inDoubt.map { sessions[index].afterPart(of: $0, at: moment) } ?? [sessions[index]]
      let right = possible.first {
        $0.matches(Self.read($0.id, cache), at: now) && $0.isClosed(in: marks, at: now)
      }
      guard var right else { return complaint(index, cache, marks, doubtful: inDoubt) }
      if Self.read(right.id, cache) == nil { right.forget() }
      right.forgetClosed(at: now)
      sessions[index] = right
    }
    return nil
  }

  private func complaint(
    _ index: Int, _ cache: SessionCache, _ marks: [[UInt8]: AuditedMark], doubtful: CacheChange?
  ) -> String {
    func short(_ fields: [KnownSession.Field]?, _ tags: [String]?, _ ttl: Int64?) -> String {
      guard let fields, let tags, let ttl else { return "none" }
      return fields.map {
        "\($0.key): \($0.value.count) bytes \(String(decoding: $0.value.prefix(12), as: UTF8.self))"
      }.joined(separator: ", ") + ", tags \(tags), ttl \(ttl)"
    }
    let known = sessions[index]
    let ids = [known.id, known.nextID] + known.closed.map(\.id)
    let standing = ids.map { id in
      let found = Self.read(id, cache)
      let mark = marks[id].map { "marked\($0.newID == nil ? "" : ", an alias")" } ?? "not marked"
      return
        "\n  \(String(decoding: id, as: UTF8.self)): \(short(found?.fields, found?.tags, found?.ttl)); \(mark)"
    }
    return "\(known.name) should be \(known.number): \(short(known.fields, known.tags, known.ttl))"
      + "\(doubtful.map { "; in doubt is \("\($0)".prefix(60))" } ?? ""), and there are:\(standing.joined())"
  }

  /// What stands under an id; without a use of it.
  private static func read(_ id: [UInt8], _ cache: SessionCache) -> KnownSession.Found? {
    cache.read(id.span, at: BootClock.system.now(), sliding: false, followsAliases: false) { record in
      var fields: [KnownSession.Field] = []
      record.forEachField { key, value in
        fields.append(.init(key: String(decoding: bytes(key), as: UTF8.self), value: bytes(value)))
      }
      var tags: [String] = []
      record.forEachTag { tags.append(String(decoding: $0, as: UTF8.self)) }
      return KnownSession.Found(fields: fields, tags: tags, ttl: record.ttl / 1_000_000_000)
    }
  }

  private static func bytes(_ span: Span<UInt8>) -> [UInt8] {
    span.withUnsafeBytes { Array($0) }
  }
}
