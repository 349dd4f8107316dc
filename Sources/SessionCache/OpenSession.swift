import SessionSegment

/// One session, there or not, while its shard's lock is held exclusively: the place where a change is
/// worked out and published. It can't be copied, so that it can't outlive the lock.
struct OpenSession: ~Copyable {
  private let cache: SessionCache
  private let shard: IndexShard
  private let hash: SessionHash
  private let id: UnsafeRawBufferPointer
  private let now: Int64
  private let lifetime: Int64
  /// nil: there is no such session, or its time is over.
  private let place: IndexShard.Place?
  /// What is to be released when the lock is let go, also after an error.
  private(set) var ended = EndedRecords()

  /// Finds the session; one whose time is over is dropped first.
  init(
    _ cache: SessionCache, _ shard: IndexShard, _ hash: SessionHash, _ id: UnsafeRawBufferPointer,
    _ now: Int64
  ) {
    self.cache = cache
    self.shard = shard
    self.hash = hash
    self.id = id
    self.now = now
    lifetime = cache.header.lifetimeNanoseconds
    let found = shard.find(hash.tag, id)
    if let found, shard.record(at: found.offset).isExpired(at: now, lifetime: lifetime) {
      cache.drop(found, from: shard, expired: true)
      ended.add(found.offset)
      place = nil
    } else {
      place = found
    }
  }

  /// 0 where there is no session.
  var version: UInt64 { place.map { shard.record(at: $0.offset).version } ?? 0 }

  /// The whole number under a key, 0 without one.
  func number(_ key: Span<UInt8>) throws(Interruption) -> Int64 {
    guard let place else { return 0 }
    let text = shard.record(at: place.offset).withValue(of: key) { NumberParser.parse($0) }
    guard let text else { return 0 }
    guard let number = text else { throw .failed(.notANumber) }
    return number
  }

  /// Writes the session anew with some edits and publishes it. Nothing is changed if it throws.
  mutating func rewrite(
    _ edits: inout FieldEdits, _ bytes: Span<UInt8>, ttl: Int64?, mayUseSpare: Bool
  ) throws(Interruption) -> UInt64 {
    try bytes.withUnsafeBytes { bytes throws(Interruption) -> UInt64 in
      try publish(plan(&edits, bytes), edits, bytes, ttl: ttl, mayUseSpare: mayUseSpare)
    }
  }

  mutating func removeKeys(_ edits: inout FieldEdits, _ bytes: Span<UInt8>) throws(Interruption) -> Int {
    guard place != nil else { return 0 }
    return try bytes.withUnsafeBytes { bytes throws(Interruption) -> Int in
      let writer = plan(&edits, bytes)
      // A use of the session, even if none of the keys is there.
      guard writer.removed > 0 else {
        SessionCache.slide(shard.record(at: place!.offset), at: now)
        return 0
      }
      _ = try publish(writer, edits, bytes, ttl: nil, mayUseSpare: true)
      return writer.removed
    }
  }

  private func plan(_ edits: inout FieldEdits, _ bytes: UnsafeRawBufferPointer) -> RecordWriter {
    var writer = RecordWriter(idLength: id.count)
    edits.markAllNew()
    if let place { writer.measure(existing: shard.record(at: place.offset), edits: &edits, bytes: bytes) }
    writer.measureNew(edits)
    return writer
  }

  /// The new record is whole before the one store that shows it, and the old one's block is freed only
  /// after that store, without the lock.
  private mutating func publish(
    _ writer: RecordWriter, _ edits: FieldEdits, _ bytes: UnsafeRawBufferPointer, ttl: Int64?,
    mayUseSpare: Bool
  ) throws(Interruption) -> UInt64 {
    let settings = cache.settings
    guard mayUseSpare || writer.size <= settings.sessionBytesMost else {
      throw .failed(.tooLarge(bytes: writer.size))
    }
    guard mayUseSpare || writer.fieldCount <= settings.keysMost else {
      throw .failed(.tooManyKeys(writer.fieldCount))
    }
    if place == nil { try shard.makeRoom(hash.tag) }
    let isNoLarger = place.map { writer.size <= shard.record(at: $0.offset).size } ?? false
    guard let offset = cache.allocator.allocate(writer.size, mayUseSpare: mayUseSpare || isNoLarger) else {
      throw .needsPages(.init(bytes: writer.size, mayUseSpare: mayUseSpare || isNoLarger))
    }

    let base = cache.mapping.base + offset
    var created = now
    var idle = ttl ?? settings.ttl
    if let place {
      let old = shard.record(at: place.offset)
      created = old.created
      idle = ttl ?? old.ttl
    }
    let version = cache.header.nextVersion()
    var words = writer.begin(
      at: base, id: id, version: version, created: created, ttl: idle, deadline: now &+ idle)
    if let place {
      writer.writeExisting(shard.record(at: place.offset), edits: edits, bytes: bytes, to: &words)
    }
    writer.writeNew(edits, bytes: bytes, to: &words)
    writer.finish(&words, at: base, version: version)

    let due = DueTick(at: shard.record(at: offset).end(lifetime: lifetime))
    if let place {
      shard.replace(place, offset: offset, due: due)
      ended.add(place.offset)
    } else {
      shard.insert(hash.tag, offset: offset, due: due)
    }
    return version
  }
}
