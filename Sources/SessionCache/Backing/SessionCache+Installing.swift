import SessionSegment
import Synchronization
import SystemCalls

/// What comes from the store behind the cache.
extension SessionCache {
  /// Takes what the store has under an id into memory, if nothing is known of the id there: what is known is at least
  /// as new. Slides no time to live.
  ///
  /// - Parameter image: of kind `absence` if the store has nothing; its times and its version don't matter then.
  /// - Returns: whether it was taken.
  /// - Throws: `damaged` if it can't be a record; `full` if nothing can leave memory for it.
  public func install(_ image: RecordImage, at now: Int64) throws(CacheError) -> Bool {
    var image = image
    if image.kind == .absence {
      image = absence(image.id, at: now)
    } else {
      guard image.isSound else { throw .damaged }
      bound(&image, at: now)
    }
    return try withPlace(image.id, at: now) { (shard, hash, id, ended) throws(Interruption) in
      if let place = shard.find(hash.tag, id) {
        guard backing == .shared,
          shard.record(at: place.offset).isExpired(at: now, lifetime: header.lifetimeNanoseconds)
        else { return false }
        forget(place, from: shard)
        ended.add(place.offset)
      }
      // A version that may have been in this block before.
      try insert(image, restoredStamp(exactly: image.version), shard, hash, loadedAt: now)
      return true
    }
  }

  /// Publishes a planned change that the store has made, in the place of whatever is in memory. If there is no room for
  /// it, memory knows nothing of the id any more.
  ///
  /// - Parameter version: what the store says; of a removal it does not matter.
  public func publish(_ change: PlannedChange, version: UInt64, at now: Int64) {
    var image = change.image ?? absence(change.id, at: now)
    if change.image != nil { image.version = version }
    // A version that may have been in this block before.
    let stamp = restoredStamp(exactly: image.version)
    header.skipVersions(to: image.version)
    // The new id was free, and perhaps known to be. Who finds the old one ended, or its alias, is to ask for it, and so
    // to wait for the other half.
    if case .renamed(let new, _) = change.meaning { dropStale(new) }
    do throws(CacheError) {
      try withPlace(change.id, at: now) { (shard, hash, id, ended) throws(Interruption) in
        guard let place = shard.find(hash.tag, id) else { return try insert(image, stamp, shard, hash) }
        guard let offset = allocator.allocate(image.size, mayUseSpare: false) else {
          throw .needsPages(.init(bytes: image.size))
        }
        write(image, stamp, at: offset)
        shard.replace(place, offset: offset, due: due(of: shard.record(at: offset)), isUnsaved: false)
        ended.add(place.offset)
      }
    } catch {
      dropStale(change.id)
    }
    tell(of: change, version: version, at: now)
  }

  // MARK: Under the shard's exclusive lock

  /// Calls `body` with the place of an id, again and again while the allocator must first get pages.
  private func withPlace<R>(
    _ id: [UInt8], at now: Int64,
    _ body: (IndexShard, SessionHash, UnsafeRawBufferPointer, inout EndedRecords) throws(Interruption) -> R
  ) throws(CacheError) -> R {
    try id.span.withUnsafeBytes { id throws(CacheError) -> R in
      let hash = hash(id)
      let shard = shard(hash)
      var earliest = DueTick.never
      let result = try refilling(for: (session: SparedSession(id: id, hash: hash), now: now)) {
        () throws(Interruption) -> R in
        var ended = EndedRecords()
        defer { ended.release(to: self) }
        return try shard.lock.withWriteLock { () throws(Interruption) -> R in
          let result = try body(shard, hash, id, &ended)
          earliest = DueTick(rawValue: shard.earliestDue.load(ordering: .sequentiallyConsistent))
          return result
        }
      }
      wakeReclaimerIfNeeded(due: earliest)
      return result
    }
  }

  /// - Parameter loadedAt: when somebody wanted it of the store; nil for a change.
  private func insert(
    _ image: RecordImage, _ stamp: RecordStamp, _ shard: IndexShard, _ hash: SessionHash,
    loadedAt: Int64? = nil
  ) throws(Interruption) {
    try shard.makeRoom(hash.tag)
    guard let offset = allocator.allocate(image.size) else { throw .needsPages(.init(bytes: image.size)) }
    write(image, stamp, at: offset)
    let record = shard.record(at: offset)
    let due = loadedAt.map { dueWhenLoaded(record, at: $0) } ?? due(of: record)
    shard.insert(hash.tag, offset: offset, due: due, isUnsaved: false)
  }

  /// What was loaded stays in memory for as long as who wanted it takes to come for it, however long ago it was used.
  /// A use of it shows all the same: it moves the session's due by more than the stay.
  private func dueWhenLoaded(_ record: borrowing RecordView, at now: Int64) -> DueTick {
    let idle = settings.cacheTTL
    guard idle > 0 else { return due(of: record) }
    let stay = DueTick(at: now &+ min(idle / 2, Self.loadedStayMost))
    return min(max(due(of: record), stay), DueTick(at: record.end(lifetime: header.lifetimeNanoseconds)))
  }

  /// Writes a record that nobody sees yet.
  private func write(_ image: RecordImage, _ stamp: RecordStamp, at offset: Int) {
    let base = mapping.base + offset
    image.body.span.withUnsafeBytes { body in
      let tags = RecordTags(
        count: image.tagCount, bytes: UnsafeRawBufferPointer(rebasing: body[..<image.tagBytes]))
      let writer = RecordWriter(image, tags: tags)
      var words = image.id.span.withUnsafeBytes { id in
        writer.begin(
          at: base, id: id, version: stamp.version, created: image.created, ttl: image.ttl,
          deadline: image.deadline)
      }
      if image.fieldCount > 0 { words.append(UnsafeRawBufferPointer(rebasing: body[image.tagBytes...])) }
      writer.finish(&words, at: base, stamp)
    }
  }

  /// Memory has no room for what the store has now, or not yet, and must not say what it had.
  private func dropStale(_ id: [UInt8]) {
    let found: Int? = id.span.withUnsafeBytes { id in
      let hash = hash(id)
      let shard = shard(hash)
      return shard.lock.withWriteLock { () -> Int? in
        guard let place = shard.find(hash.tag, id) else { return nil }
        forget(place, from: shard)
        return place.offset
      }
    }
    if let found { release(found) }
  }

  // MARK: Apart from the index

  private func absence(_ id: [UInt8], at now: Int64) -> RecordImage {
    RecordImage(
      id: id, kind: .absence, version: header.nextVersion(), created: now, ttl: Self.absenceTTL,
      deadline: now &+ Self.absenceTTL)
  }

  /// Moments that can't be are moved to the nearest that can.
  private func bound(_ image: inout RecordImage, at now: Int64) {
    image.ttl = min(image.ttl, RecordLayout.ttlMost)
    image.created = min(image.created, now)
    // It may well end later than an idle time from now: one that was restored ends when its dump says.
    image.deadline = min(image.deadline, now &+ RecordLayout.ttlMost)
    header.skipVersions(to: image.version)
  }

  private func tell(of change: PlannedChange, version: UInt64, at now: Int64) {
    change.id.span.withUnsafeBytes { id in
      switch change.meaning {
      case .quiet: break
      case .set: events.append(.set, id, version: version)
      case .deleted:
        ends.note(id, .deleted, by: change.origin, at: now)
        events.append(.del, id, version: change.base)
      case .revoked:
        ends.note(id, .revoked, by: change.origin, at: now)
        events.append(.revoke, id, version: change.base)
      case .renamed(let new, let planned):
        // A store that gives versions of its own gives the session the one behind.
        let sessionVersion = version == change.image?.version ? planned : version + 1
        ends.note(id, .renamed, by: change.origin, at: now)
        new.span.withUnsafeBytes { events.append(.rename, id, version: sessionVersion, to: $0) }
      }
    }
  }
}
