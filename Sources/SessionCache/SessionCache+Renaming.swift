import SessionSegment
import Synchronization
import SystemCalls

extension SessionCache {
  /// So many renames in a row are followed from an old id.
  static let aliasHopsMost = 64

  /// Gives a session another id. Under the old one it is still read for `grace` nanoseconds; then, or at once
  /// without a grace, that id is marked for as long as the session could have lived. Slides the time to live. Atomic
  /// for whoever reads, and over a kill.
  ///
  /// - Parameter origin: who wants it, as `ends` tells it afterwards.
  /// - Returns: whether there is such a session.
  /// - Throws: `revoked`, `renamed` for either id; `conflict` if a session has the new id; `full`, `tooLarge`.
  public func rename(
    _ old: Span<UInt8>, to new: Span<UInt8>, grace: Int64?, at now: Int64, by origin: ChangeOrigin?,
    isNewIDRandom: Bool = false, plan: ChangePlan? = nil
  ) throws(CacheError) -> Bool {
    try old.withUnsafeBytes { old throws(CacheError) in
      try new.withUnsafeBytes { new throws(CacheError) in
        let rename = Rename(
          cache: self, old: old, new: new, oldHash: hash(old), newHash: hash(new), grace: grace, now: now,
          origin: origin, isNewIDRandom: isNewIDRandom, plan: plan)
        let writer = (session: SparedSession(id: old, hash: rename.oldHash), now: now)
        let isDone = try refilling(for: writer) { () throws(Interruption) in
          var ended = EndedRecords()
          defer { ended.release(to: self) }
          return try rename.withLocks { () throws(Interruption) in try rename.perform(&ended) }
        }
        wakeReclaimerIfDue(shard(rename.newHash))
        wakeReclaimerIfDue(shard(rename.oldHash))
        wakeReclaimerIfSurplus()
        return isDone
      }
    }
  }

  private func wakeReclaimerIfDue(_ shard: IndexShard) {
    wakeReclaimerIfNeeded(
      due: DueTick(rawValue: shard.earliestDue.load(ordering: .sequentiallyConsistent)))
  }
}

/// One rename.
///
/// Four blocks play a part: the session under the old id, what takes its place (a mark or an alias), and the session
/// under the new id; and, rarely, an expired one that had the new id. First the old id gets its mark, then the
/// session appears under the new one: in between whoever reads without a lock finds nothing under either, and asks
/// the daemon, which makes it wait for the locks. The intent in the header tells a start after a kill whether the
/// second store was made; if not, it takes the first one back.
struct Rename {
  let cache: SessionCache
  let old: UnsafeRawBufferPointer
  let new: UnsafeRawBufferPointer
  let oldHash: SessionHash
  let newHash: SessionHash
  let grace: Int64?
  let now: Int64
  let origin: ChangeOrigin?
  /// Nobody has it, and a store need not be asked.
  let isNewIDRandom: Bool
  let plan: ChangePlan?

  /// Holds both shards' locks, the only case of two, in the order of their numbers. The rename lock before them
  /// keeps the header's one intent to one rename.
  func withLocks<R>(_ body: () throws(Interruption) -> R) throws(Interruption) -> R {
    let numbers = [oldHash, newHash].map { $0.shard(bitCount: cache.shardBits) }.sorted()
    return try cache.renameLock.withLock { () throws(Interruption) in
      try cache.shards[numbers[0]].lock.withWriteLock { () throws(Interruption) in
        guard numbers[0] != numbers[1] else { return try body() }
        return try cache.shards[numbers[1]].lock.withWriteLock(body)
      }
    }
  }

  /// Whether there is such a session. Nothing is changed if it throws, but for what expired.
  func perform(_ ended: inout EndedRecords) throws(Interruption) -> Bool {
    let (oldShard, newShard) = (cache.shard(oldHash), cache.shard(newHash))
    let session = OpenSession(cache, oldShard, oldHash, old, now, plan: plan)
    ended = session.ended
    if session.isUnknown { throw .failed(.notResident([UInt8](old))) }
    try session.requireNoObstacle()
    guard let place = session.place else { return false }
    try requireFree(newShard, &ended)
    let record = oldShard.record(at: place.offset)
    if let plan {
      try work(out: record, into: plan)
      return true
    }
    let (offset, ending) = try write(record, newShard)

    cache.tags.add(newShard.record(at: offset), newHash)
    // After it: who has not seen the new pair looked before, and sees that a session has moved since.
    if record.tagCount > 0 { cache.tags.noteMove() }
    cache.header.renaming = RenameIntent(old: place.offset, ending: ending, new: offset)
    // Making room may have moved it to another page.
    guard let place = oldShard.find(oldHash.tag, old) else { preconditionFailure("it was there") }
    oldShard.replace(
      place, offset: ending, due: cache.due(of: oldShard.record(at: ending)), isUnsaved: cache.isBacked)
    let due = cache.due(of: newShard.record(at: offset))
    if let vacancy = newShard.find(newHash.tag, new) {
      let old = newShard.record(at: vacancy.offset)
      if old.isSession { cache.noteExpired(old, in: newShard) }
      newShard.replace(vacancy, offset: offset, due: due, isUnsaved: cache.isBacked)
      ended.add(vacancy.offset)
    } else {
      newShard.insert(newHash.tag, offset: offset, due: due, isUnsaved: cache.isBacked)
    }
    cache.header.renaming = nil

    cache.tags.remove(record, oldHash)
    cache.ends.note(old, .renamed, by: origin, at: now)
    cache.events.append(.rename, old, version: newShard.record(at: offset).version, to: new)
    ended.add(place.offset)
    return true
  }

  /// Nobody has the new id.
  private func requireFree(_ shard: IndexShard, _ ended: inout EndedRecords) throws(Interruption) {
    guard let place = shard.find(newHash.tag, new) else {
      guard cache.isBacked, !isNewIDRandom else { return }
      throw .failed(.notResident([UInt8](new)))
    }
    let record = shard.record(at: place.offset)
    guard record.isExpired(at: now, lifetime: cache.header.lifetimeNanoseconds) else {
      if record.isAbsence { return }
      if record.isSession { throw .failed(.conflict(current: record.version)) }
      throw .failed(record.isReadableAlias(at: now) ? .renamed : .revoked)
    }
    // The store has it still.
    if cache.backing == .own { return }
    cache.dropExpired(place, from: shard, newHash)
    ended.add(place.offset)
    if cache.backing == .shared { throw .failed(.notResident([UInt8](new))) }
  }

  /// Both records into a plan, the ending first: who reads between the two finds the alias, and has to ask the store.
  private func work(out record: borrowing RecordView, into plan: ChangePlan) throws(Interruption) {
    let session = RecordWriter(idLength: new.count, copying: record)
    guard session.size <= max(record.size, cache.settings.sessionBytesMost) else {
      throw .failed(.tooLarge(bytes: session.size))
    }
    let ending = RecordWriter(idLength: old.count, aliasFor: grace == nil ? nil : new)
    let ended = ScratchRecord(bytes: ending.size)
    writeEnding(ending, idle: record.ttl, at: ended.base)
    let moved = ScratchRecord(bytes: session.size)
    writeSession(session, record, at: moved.base)
    plan.add(
      PlannedChange(
        id: [UInt8](old), base: record.version, baseTTL: record.ttl,
        image: RecordImage(RecordView(at: ended.base)),
        meaning: .renamed(to: [UInt8](new), version: RecordView(at: moved.base).version), origin: origin))
    plan.add(
      PlannedChange(
        id: [UInt8](new), base: 0, baseTTL: nil, image: RecordImage(RecordView(at: moved.base)),
        meaning: .quiet, origin: nil))
  }

  /// Writes both records, which nobody sees yet, and makes room in the index.
  func write(
    _ record: borrowing RecordView, _ newShard: IndexShard
  ) throws(Interruption) -> (session: Int, ending: Int) {
    let session = RecordWriter(idLength: new.count, copying: record)
    guard session.size <= max(record.size, cache.settings.sessionBytesMost) else {
      throw .failed(.tooLarge(bytes: session.size))
    }
    let ending = RecordWriter(idLength: old.count, aliasFor: grace == nil ? nil : new)
    let areAlike = SizeClass(holding: session.size) == SizeClass(holding: ending.size)
    try newShard.makeRoom(newHash.tag)
    let mayUseSpare = session.size <= record.size
    guard let offset = cache.allocator.allocate(session.size, mayUseSpare: mayUseSpare) else {
      throw .needsPages(.init(bytes: session.size, mayUseSpare: mayUseSpare))
    }
    // A block more than before, so not from the spare.
    guard let endingOffset = cache.allocator.allocate(ending.size) else {
      cache.allocator.free(offset)
      throw .needsPages(.init(bytes: ending.size, count: areAlike ? 2 : 1))
    }
    writeSession(session, record, at: cache.mapping.base + offset)
    writeEnding(ending, idle: record.ttl, at: cache.mapping.base + endingOffset)
    return (offset, endingOffset)
  }

  private func writeSession(
    _ writer: RecordWriter, _ record: borrowing RecordView, at base: UnsafeMutableRawPointer
  ) {
    let stamp = RecordStamp(version: cache.header.nextVersion())
    var words = writer.begin(
      at: base, id: new, version: stamp.version, created: record.created, ttl: record.ttl,
      deadline: now &+ record.ttl)
    writer.writeFields(of: record, to: &words)
    writer.finish(&words, at: base, stamp)
  }

  private func writeEnding(_ writer: RecordWriter, idle: Int64, at base: UnsafeMutableRawPointer) {
    let stamp = RecordStamp(version: cache.header.nextVersion())
    var words = writer.begin(
      at: base, id: old, version: stamp.version, created: now, ttl: grace ?? idle,
      deadline: now &+ max(grace ?? 0, idle))
    if grace != nil { writer.writeAlias(for: new, to: &words) }
    writer.finish(&words, at: base, stamp)
  }
}
