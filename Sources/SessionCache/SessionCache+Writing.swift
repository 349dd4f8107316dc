import SessionSegment
import Synchronization
import SystemCalls

extension SessionCache {
  /// What a write asks for besides its keys.
  public struct WriteOptions: Sendable {
    /// The version that the session must have; 0: there must be no such session; nil: whatever it has.
    public var version: UInt64?
    /// A new idle time to live in nanoseconds; nil: the session's own, or the default for a new one.
    public var ttl: Int64?

    public init(version: UInt64? = nil, ttl: Int64? = nil) {
      self.version = version
      self.ttl = ttl
    }
  }

  /// Changes a session, or makes it: all the edits or none. Slides the time to live.
  ///
  /// - Parameters:
  ///   - edits: ranges of `bytes`.
  /// - Returns: the session's new version.
  /// - Throws: `conflict`, `full`, `tooLarge`, `tooManyKeys`.
  public func write(
    _ id: Span<UInt8>, _ edits: inout FieldEdits, of bytes: Span<UInt8>, _ options: WriteOptions,
    at now: Int64
  ) throws(CacheError) -> UInt64 {
    try changing(id, at: now) { (session: inout OpenSession) throws(Interruption) in
      if let wanted = options.version, wanted != session.version {
        throw .failed(.conflict(current: session.version))
      }
      return try session.rewrite(&edits, bytes, ttl: options.ttl, mayUseSpare: false)
    }
  }

  /// Adds to a whole number, 0 where there is no such session or key. Slides the time to live.
  ///
  /// - Returns: the sum.
  /// - Throws: `notANumber`, `overflow`, `full`, `tooLarge`, `tooManyKeys`.
  public func increment(
    _ id: Span<UInt8>, key: Span<UInt8>, by amount: Int64, _ edits: inout FieldEdits, at now: Int64
  ) throws(CacheError) -> Int64 {
    try changing(id, at: now) { (session: inout OpenSession) throws(Interruption) in
      let old = try session.number(key)
      let (sum, overflow) = old.addingReportingOverflow(amount)
      guard !overflow else { throw .failed(.overflow) }
      var text = NumberText(sum)
      let bytes = text.joined(with: key)
      edits.removeAll()
      edits.add(key: bytes.key, value: bytes.value, in: text.span)
      _ = try session.rewrite(&edits, text.span, ttl: nil, mayUseSpare: false)
      return sum
    }
  }

  /// Takes keys out of a session; the session stays, also without any key. Slides the time to live.
  ///
  /// - Returns: how many of the keys there were; 0 without such a session.
  /// - Throws: `full` if not even a smaller record has room.
  public func removeKeys(
    _ id: Span<UInt8>, _ edits: inout FieldEdits, of bytes: Span<UInt8>, at now: Int64
  ) throws(CacheError) -> Int {
    try changing(id, at: now) { (session: inout OpenSession) throws(Interruption) in
      try session.removeKeys(&edits, bytes)
    }
  }

  /// Ends a session; whether there was one.
  public func remove(_ id: Span<UInt8>, at now: Int64) -> Bool {
    id.withUnsafeBytes { id in
      let hash = hash(id)
      let shard = shard(hash)
      let found: (offset: Int, lived: Bool)? = shard.lock.withWriteLock {
        guard let place = shard.find(hash.tag, id) else { return nil }
        let lived = !shard.record(at: place.offset).isExpired(at: now, lifetime: header.lifetimeNanoseconds)
        drop(place, from: shard, expired: !lived)
        return (place.offset, lived)
      }
      guard let found else { return false }
      release(found.offset)
      wakeReclaimerIfSurplus()
      return found.lived
    }
  }

  /// Gives a session a new idle time to live, in nanoseconds, counted from now; whether there is one.
  public func setTTL(_ id: Span<UInt8>, to ttl: Int64, at now: Int64) -> Bool {
    id.withUnsafeBytes { id in
      let hash = hash(id)
      let shard = shard(hash)
      let lifetime = header.lifetimeNanoseconds
      let due: DueTick? = shard.lock.withWriteLock {
        guard let place = shard.find(hash.tag, id) else { return nil }
        let record = shard.record(at: place.offset)
        guard !record.isExpired(at: now, lifetime: lifetime) else { return nil }
        // Two words, since nothing else changes: what a kill between them leaves is the new end with the old
        // idle time, of an EXPIRE that was not acknowledged.
        record.deadline = now &+ ttl
        record.ttl = ttl
        let due = DueTick(at: record.end(lifetime: lifetime))
        shard.setDue(place, due)
        return due
      }
      guard let due else { return false }
      wakeReclaimerIfNeeded(due: due)
      return true
    }
  }

  // MARK: Under the lock

  /// Runs a change of one session under its shard's exclusive lock, again and again while the
  /// allocator must first get pages.
  private func changing<R>(
    _ id: Span<UInt8>, at now: Int64, _ body: (inout OpenSession) throws(Interruption) -> R
  ) throws(CacheError) -> R {
    try id.withUnsafeBytes { id throws(CacheError) -> R in
      let hash = hash(id)
      let shard = shard(hash)
      var earliest = DueTick.never
      let result = try refilling { () throws(Interruption) -> R in
        var ended = EndedRecords()
        defer { ended.release(to: self) }
        return try shard.lock.withWriteLock { () throws(Interruption) -> R in
          var session = OpenSession(self, shard, hash, id, now)
          defer { ended = session.ended }
          let result = try body(&session)
          earliest = DueTick(rawValue: shard.earliestDue.load(ordering: .sequentiallyConsistent))
          return result
        }
      }
      wakeReclaimerIfNeeded(due: earliest)
      wakeReclaimerIfSurplus()
      return result
    }
  }

  /// Takes a record out of the index. Under the shard's exclusive lock; `release` comes after it.
  func drop(_ place: IndexShard.Place, from shard: IndexShard, expired: Bool) {
    shard.remove(place)
    if expired { shard.expiredCount.wrappingAdd(1, ordering: .relaxed) }
  }

  /// Frees the block of a record that the index does not name any more, with or without a lock: first its stamp goes, so that who still reads it learns that it is gone; then
  /// its bytes, so that nothing of an ended session stays for who maps the segment; then it may be used again.
  func release(_ offset: Int) {
    let record = mapping.base + offset
    let bytes = RecordLayout.wholeWords(RecordView(at: record).size)
    RecordStamp.withdraw(from: record)
    SharedWords.zero(record, bytes: bytes)
    allocator.free(offset)
  }
}
