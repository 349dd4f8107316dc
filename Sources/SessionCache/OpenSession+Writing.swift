import SessionSegment

extension OpenSession {
  /// Writes the session anew with some edits and publishes it. Nothing is changed if it throws.
  ///
  /// - Parameter tags: nil: those that it has.
  mutating func rewrite(
    _ edits: inout FieldEdits, _ bytes: Span<UInt8>, _ terms: RecordTerms, tags: RecordTags? = nil,
    mayUseSpare: Bool = false
  ) throws(Interruption) -> UInt64 {
    try bytes.withUnsafeBytes { bytes throws(Interruption) -> UInt64 in
      let writer = measure(&edits, bytes, tags)
      return try publish(
        writer, &edits, bytes, terms, changesTags: tags != nil || place == nil, mayUseSpare: mayUseSpare)
    }
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

  mutating func setTTL(to ttl: Int64) -> Bool {
    guard let place else { return false }
    let record = shard.record(at: place.offset)
    guard plan == nil else {
      planTimes(record, ttl: ttl, deadline: now &+ ttl)
      return true
    }
    // Two words, since nothing else changes: what a kill between them leaves is the new end with the old
    // idle time, of an EXPIRE that was not acknowledged.
    record.deadline = now &+ ttl
    record.ttl = ttl
    shard.setDue(place, cache.due(of: record))
    if cache.isBacked { shard.mark(place, isUnsaved: true) }
    return true
  }

  mutating func removeKeys(_ edits: inout FieldEdits, _ bytes: Span<UInt8>) throws(Interruption) -> Int {
    guard let place else { return 0 }
    return try bytes.withUnsafeBytes { bytes throws(Interruption) -> Int in
      let writer = measure(&edits, bytes, nil)
      // A use of the session, even if none of the keys is there.
      guard writer.removed > 0 else {
        SessionCache.slide(shard.record(at: place.offset), at: now)
        return 0
      }
      _ = try publish(writer, &edits, bytes, RecordTerms(), changesTags: false, mayUseSpare: true)
      return writer.removed
    }
  }

  private func measure(
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
    _ writer: RecordWriter, _ edits: inout FieldEdits, _ bytes: UnsafeRawBufferPointer, _ terms: RecordTerms,
    changesTags: Bool, mayUseSpare: Bool
  ) throws(Interruption) -> UInt64 {
    let settings = cache.settings
    guard mayUseSpare || writer.size <= settings.sessionBytesMost else {
      throw .failed(.tooLarge(bytes: writer.size))
    }
    guard mayUseSpare || writer.fieldCount <= settings.keysMost else {
      throw .failed(.tooManyKeys(writer.fieldCount))
    }
    if let plan {
      let scratch = ScratchRecord(bytes: writer.size)
      let stamp = write(writer, &edits, bytes, terms, at: scratch.base)
      plan.add(
        PlannedChange(
          id: [UInt8](id), base: version, baseTTL: ttl, image: RecordImage(RecordView(at: scratch.base)),
          meaning: .set, origin: nil))
      return stamp.version
    }
    if place == nil, vacancy == nil { try shard.makeRoom(hash.tag) }
    let isNoLarger = place.map { writer.size <= shard.record(at: $0.offset).size } ?? false
    guard let offset = cache.allocator.allocate(writer.size, mayUseSpare: mayUseSpare || isNoLarger) else {
      throw .needsPages(.init(bytes: writer.size, mayUseSpare: mayUseSpare || isNoLarger))
    }
    let stamp = write(writer, &edits, bytes, terms, at: cache.mapping.base + offset)
    show(offset, changesTags: changesTags)
    cache.events.append(.set, id, version: stamp.version)
    return stamp.version
  }

  /// Writes a record that nobody sees yet.
  private func write(
    _ writer: RecordWriter, _ edits: inout FieldEdits, _ bytes: UnsafeRawBufferPointer, _ terms: RecordTerms,
    at base: UnsafeMutableRawPointer
  ) -> RecordStamp {
    let created: Int64
    let idle: Int64
    if let place {
      let old = shard.record(at: place.offset)
      created = old.created
      idle = terms.ttl ?? old.ttl
    } else {
      created = terms.created ?? now
      idle = terms.ttl ?? cache.settings.ttl
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
    return stamp
  }

  /// Puts a whole record into the index, in the place of the one that is there, if any.
  mutating func show(_ offset: Int, changesTags: Bool) {
    let record = shard.record(at: offset)
    let due = cache.due(of: record)
    if changesTags { cache.tags.add(record, hash) }
    guard let standing = place ?? obstacle ?? vacancy else {
      return shard.insert(hash.tag, offset: offset, due: due, isUnsaved: cache.isBacked)
    }
    let old = shard.record(at: standing.offset)
    if vacancy != nil, old.isSession { cache.noteExpired(old, in: shard) }
    shard.replace(standing, offset: offset, due: due, isUnsaved: cache.isBacked)
    if changesTags { cache.tags.remove(old, hash) }
    ended.add(standing.offset)
  }

  /// Plans that only the times of a record change, which keeps its version.
  func planTimes(_ record: borrowing RecordView, ttl: Int64, deadline: Int64) {
    var image = RecordImage(record)
    image.ttl = ttl
    image.deadline = deadline
    plan?.add(
      PlannedChange(
        id: image.id, base: image.version, baseTTL: record.ttl, image: image, meaning: .quiet, origin: nil))
  }
}
