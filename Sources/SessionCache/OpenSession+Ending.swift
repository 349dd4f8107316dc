import SessionSegment

extension OpenSession {
  /// Puts a mark in the place of the session, or makes the one that is there last as long as a new one; whether
  /// there was a session.
  mutating func revoke(by origin: ChangeOrigin?) throws(Interruption) -> Bool {
    let writer = RecordWriter(idLength: id.count, aliasFor: nil)
    guard let standing = place ?? obstacle else {
      try put(writer, ttl: cache.settings.ttl, .revoked, by: origin)
      return false
    }
    let record = shard.record(at: standing.offset)
    guard record.isSession || record.isReadableAlias(at: now) else {
      lengthen(standing, to: now &+ cache.settings.ttl)
      return false
    }
    let isSession = record.isSession
    let ttl = isSession ? record.ttl : max(cache.settings.ttl, record.deadline &- now)
    try put(writer, ttl: min(ttl, RecordLayout.ttlMost), .revoked, by: origin)
    if isSession, plan == nil { cache.note(record, .revoked, by: origin, at: now) }
    (place, obstacle) = (nil, nil)
    return isSession
  }

  /// Makes a mark last longer.
  private func lengthen(_ mark: IndexShard.Place, to deadline: Int64) {
    let record = shard.record(at: mark.offset)
    guard deadline > record.deadline else { return }
    guard plan == nil else { return planTimes(record, ttl: record.ttl, deadline: deadline) }
    record.advanceDeadline(to: deadline, atLeastBy: 1)
    shard.setDue(mark, cache.due(of: record))
    if cache.isBacked { shard.mark(mark, isUnsaved: true) }
  }

  /// Ends the session; whether there is one.
  mutating func remove(by origin: ChangeOrigin?) throws(Interruption) -> Bool {
    guard let place else { return false }
    if let plan {
      plan.add(
        PlannedChange(
          id: [UInt8](id), base: version, baseTTL: ttl, image: nil, meaning: .deleted, origin: origin))
      return true
    }
    guard cache.isBacked else {
      cache.drop(place, from: shard, hash, .deleted, by: origin, at: now)
      ended.add(place.offset)
      self.place = nil
      return true
    }
    // The store has it still: the absence stays until that has heard of it.
    let offset = try block(for: RecordWriter(absenceOf: id.count), insteadOf: shard.record(at: place.offset))
    cache.note(shard.record(at: place.offset), .deleted, by: origin, at: now)
    write(RecordWriter(absenceOf: id.count), ttl: SessionCache.absenceTTL, at: cache.mapping.base + offset)
    show(offset, changesTags: false)
    self.place = nil
    return true
  }

  /// Puts a record without tags and fields in the place of whatever stands there.
  private mutating func put(
    _ writer: RecordWriter, ttl: Int64, _ meaning: PlannedChange.Meaning, by origin: ChangeOrigin?
  ) throws(Interruption) {
    if let plan {
      let scratch = ScratchRecord(bytes: writer.size)
      write(writer, ttl: ttl, at: scratch.base)
      let standing = place ?? obstacle
      return plan.add(
        PlannedChange(
          id: [UInt8](id), base: standing.map { shard.record(at: $0.offset).version } ?? 0,
          baseTTL: standing.map { shard.record(at: $0.offset).ttl },
          image: RecordImage(RecordView(at: scratch.base)), meaning: place == nil ? .quiet : meaning,
          origin: origin))
    }
    let offset: Int
    if let standing = place ?? obstacle {
      offset = try block(for: writer, insteadOf: shard.record(at: standing.offset))
    } else {
      if vacancy == nil { try shard.makeRoom(hash.tag) }
      guard let fresh = cache.allocator.allocate(writer.size) else {
        throw .needsPages(.init(bytes: writer.size))
      }
      offset = fresh
    }
    write(writer, ttl: ttl, at: cache.mapping.base + offset)
    show(offset, changesTags: true)
  }

  /// A block for a mark in the place of a record: if there is none of its size, one as large as the record's, such as
  /// the revocation before this one has given back. So a whole cache of sessions can be revoked with hardly any room.
  private func block(
    for writer: RecordWriter, insteadOf record: borrowing RecordView
  ) throws(Interruption) -> Int {
    guard let offset = cache.allocator.allocateForMark(writer.size, insteadOf: record.size) else {
      throw .needsPages(.init(bytes: writer.size, mayUseSpare: true))
    }
    return offset
  }

  /// Writes a mark or an absence that nobody sees yet.
  private func write(_ writer: RecordWriter, ttl: Int64, at base: UnsafeMutableRawPointer) {
    writer.writeBare(
      at: base, id: id, version: cache.header.nextVersion(), created: now, ttl: ttl, deadline: now &+ ttl)
  }
}
