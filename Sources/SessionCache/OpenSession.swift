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
  /// Where the session is; nil: there is none, or its time is over.
  private(set) var place: IndexShard.Place?
  /// The mark or the alias that stands in the session's place.
  private(set) var obstacle: IndexShard.Place?
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
    guard let found = shard.find(hash.tag, id) else { return }
    let record = shard.record(at: found.offset)
    guard !record.isExpired(at: now, lifetime: lifetime) else {
      cache.dropExpired(found, from: shard, hash)
      ended.add(found.offset)
      return
    }
    if record.isSession { place = found } else { obstacle = found }
  }

  /// 0 where there is no session.
  var version: UInt64 { place.map { shard.record(at: $0.offset).version } ?? 0 }

  /// Whether the id was revoked, or renamed and is not read any more.
  var isRevoked: Bool {
    obstacle.map { !shard.record(at: $0.offset).isReadableAlias(at: now) } ?? false
  }

  /// The id of the session that has this one still for an alias.
  var newID: [UInt8]? {
    guard let obstacle else { return nil }
    let record = shard.record(at: obstacle.offset)
    return record.isReadableAlias(at: now) ? record.newID : nil
  }

  /// Nothing may be changed under an id that was revoked or renamed.
  func requireNoObstacle() throws(Interruption) {
    guard let obstacle else { return }
    throw .failed(shard.record(at: obstacle.offset).isReadableAlias(at: now) ? .renamed : .revoked)
  }

  /// The whole number under a key, 0 without one.
  func number(_ key: Span<UInt8>) throws(Interruption) -> Int64 {
    guard let place else { return 0 }
    let text = shard.record(at: place.offset).withValue(of: key) { NumberParser.parse($0) }
    guard let text else { return 0 }
    guard let number = text else { throw .failed(.notANumber) }
    return number
  }

  /// Writes the session anew with some edits and publishes it. Nothing is changed if it throws.
  ///
  /// - Parameter tags: nil: those that it has.
  mutating func rewrite(
    _ edits: inout FieldEdits, _ bytes: Span<UInt8>, _ terms: RecordTerms, tags: RecordTags? = nil,
    mayUseSpare: Bool = false
  ) throws(Interruption) -> UInt64 {
    try bytes.withUnsafeBytes { bytes throws(Interruption) -> UInt64 in
      let writer = plan(&edits, bytes, tags)
      return try publish(
        writer, edits, bytes, terms, changesTags: tags != nil || place == nil, mayUseSpare: mayUseSpare)
    }
  }

  func hasTag(_ tag: UnsafeRawBufferPointer) -> Bool {
    place.map { shard.record(at: $0.offset).hasTag(tag) } ?? false
  }

  /// How many tags came or went; nil without a session.
  mutating func changeTags(_ change: (inout TagList) -> Void) throws(Interruption) -> Int? {
    guard let place else { return nil }
    let record = shard.record(at: place.offset)
    var tags = TagList(record)
    change(&tags)
    // A use of the session in any case.
    guard tags.changes > 0 else {
      SessionCache.slide(record, at: now)
      return 0
    }
    guard tags.count <= SessionCache.tagsMost else { throw .failed(.tooManyTags(tags.count)) }
    var edits = FieldEdits(seed: cache.hashSeed)
    let isSmaller = tags.bytes.count < record.rawTags.count
    let none: [UInt8] = []
    try tags.bytes.span.withUnsafeBytes { bytes throws(Interruption) in
      _ = try rewrite(
        &edits, none.span, RecordTerms(), tags: RecordTags(count: tags.count, bytes: bytes),
        mayUseSpare: isSmaller)
    }
    return tags.changes
  }

  /// Puts a mark in the place of the session, or makes the one that is there last as long as a new one; whether
  /// there was a session.
  mutating func revoke(by origin: ChangeOrigin?) throws(Interruption) -> Bool {
    let writer = RecordWriter(idLength: id.count, aliasFor: nil)
    guard let standing = place ?? obstacle else {
      try shard.makeRoom(hash.tag)
      guard let offset = cache.allocator.allocate(writer.size) else {
        throw .needsPages(.init(bytes: writer.size))
      }
      write(writer, ttl: cache.settings.ttl, at: offset)
      shard.insert(
        hash.tag, offset: offset, due: DueTick(at: shard.record(at: offset).end(lifetime: lifetime)))
      return false
    }
    let record = shard.record(at: standing.offset)
    guard record.isSession || record.isReadableAlias(at: now) else {
      record.advanceDeadline(to: now &+ cache.settings.ttl, atLeastBy: 1)
      shard.setDue(standing, DueTick(at: record.end(lifetime: lifetime)))
      return false
    }
    let isSession = record.isSession
    let ttl = isSession ? record.ttl : max(cache.settings.ttl, record.deadline &- now)
    let offset = try block(for: writer, insteadOf: record)
    write(writer, ttl: min(ttl, RecordLayout.ttlMost), at: offset)
    shard.replace(
      standing, offset: offset, due: DueTick(at: shard.record(at: offset).end(lifetime: lifetime)))
    cache.tags.remove(record, hash)
    if isSession { cache.note(record, .revoked, by: origin, at: now) }
    ended.add(standing.offset)
    (place, obstacle) = (nil, nil)
    return isSession
  }

  /// A block for a mark in the place of a record: if there is none of its size, one as large as the record's, such as
  /// the revocation before this one has given back. So a whole cache of sessions can be revoked with hardly any room.
  private func block(
    for writer: RecordWriter, insteadOf record: borrowing RecordView
  ) throws(Interruption) -> Int {
    let allocator = cache.allocator
    if let offset = allocator.allocateForMove(writer.size) ?? allocator.allocateForMove(record.size) {
      return offset
    }
    if let offset = allocator.allocate(writer.size, mayUseSpare: true) { return offset }
    throw .needsPages(.init(bytes: writer.size, mayUseSpare: true))
  }

  /// Writes a mark that nobody sees yet.
  private func write(_ writer: RecordWriter, ttl: Int64, at offset: Int) {
    let base = cache.mapping.base + offset
    let stamp = RecordStamp(version: cache.header.nextVersion())
    var words = writer.begin(
      at: base, id: id, version: stamp.version, created: now, ttl: ttl, deadline: now &+ ttl)
    writer.finish(&words, at: base, stamp)
  }

  /// Ends the session; whether there is one.
  mutating func remove(by origin: ChangeOrigin?) -> Bool {
    guard let place else { return false }
    cache.drop(place, from: shard, hash, .deleted, by: origin, at: now)
    ended.add(place.offset)
    self.place = nil
    return true
  }

  func setTTL(to ttl: Int64) -> Bool {
    guard let place else { return false }
    let record = shard.record(at: place.offset)
    // Two words, since nothing else changes: what a kill between them leaves is the new end with the old
    // idle time, of an EXPIRE that was not acknowledged.
    record.deadline = now &+ ttl
    record.ttl = ttl
    shard.setDue(place, DueTick(at: record.end(lifetime: lifetime)))
    return true
  }

  mutating func removeKeys(_ edits: inout FieldEdits, _ bytes: Span<UInt8>) throws(Interruption) -> Int {
    guard let place else { return 0 }
    return try bytes.withUnsafeBytes { bytes throws(Interruption) -> Int in
      let writer = plan(&edits, bytes, nil)
      // A use of the session, even if none of the keys is there.
      guard writer.removed > 0 else {
        SessionCache.slide(shard.record(at: place.offset), at: now)
        return 0
      }
      _ = try publish(writer, edits, bytes, RecordTerms(), changesTags: false, mayUseSpare: true)
      return writer.removed
    }
  }

  private func plan(
    _ edits: inout FieldEdits, _ bytes: UnsafeRawBufferPointer, _ tags: RecordTags?
  ) -> RecordWriter {
    edits.markAllNew()
    guard let place else {
      var writer = RecordWriter(idLength: id.count, tags: tags ?? .none)
      writer.measureNew(edits)
      return writer
    }
    let record = shard.record(at: place.offset)
    var writer = RecordWriter(idLength: id.count, tags: tags ?? RecordTags(record))
    writer.measure(existing: record, edits: &edits, bytes: bytes)
    writer.measureNew(edits)
    return writer
  }

  /// The new record is whole before the one store that shows it, and the old one's block is freed only
  /// after that store, without the lock.
  private mutating func publish(
    _ writer: RecordWriter, _ edits: FieldEdits, _ bytes: UnsafeRawBufferPointer, _ terms: RecordTerms,
    changesTags: Bool, mayUseSpare: Bool
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
    var created = terms.created ?? now
    var idle = terms.ttl ?? settings.ttl
    if let place {
      let old = shard.record(at: place.offset)
      created = old.created
      idle = terms.ttl ?? old.ttl
    }
    let stamp = terms.stamp ?? RecordStamp(version: cache.header.nextVersion())
    var words = writer.begin(
      at: base, id: id, version: stamp.version, created: created, ttl: idle,
      deadline: terms.deadline ?? now &+ idle)
    if let place {
      writer.writeExisting(shard.record(at: place.offset), edits: edits, bytes: bytes, to: &words)
    }
    writer.writeNew(edits, bytes: bytes, to: &words)
    writer.finish(&words, at: base, stamp)

    show(offset, changesTags: changesTags)
    cache.events.append(.set, id, version: stamp.version)
    return stamp.version
  }

  /// Puts a whole record into the index, in the place of the one that is there, if any.
  private mutating func show(_ offset: Int, changesTags: Bool) {
    let record = shard.record(at: offset)
    let due = DueTick(at: record.end(lifetime: lifetime))
    if changesTags { cache.tags.add(record, hash) }
    if let place {
      shard.replace(place, offset: offset, due: due)
      if changesTags { cache.tags.remove(shard.record(at: place.offset), hash) }
      ended.add(place.offset)
    } else {
      shard.insert(hash.tag, offset: offset, due: due)
    }
  }
}
