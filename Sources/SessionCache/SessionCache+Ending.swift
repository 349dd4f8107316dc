import SessionSegment
import Synchronization
import SystemCalls

extension SessionCache {
  /// Ends a session; whether there was one.
  ///
  /// - Parameter origin: who wants it, as `ends` tells it afterwards.
  /// - Throws: `renamed`; with a store `notResident`, and `full` if there is no room for the note that it is gone.
  public func remove(
    _ id: Span<UInt8>, at now: Int64, by origin: ChangeOrigin? = nil, plan: ChangePlan? = nil
  ) throws(CacheError) -> Bool {
    try changing(id, at: now, plan: plan) { (session: inout OpenSession) throws(Interruption) in
      guard !session.isRevoked else { return false }
      try session.requireNoObstacle()
      return try session.remove(by: origin)
    }
  }

  // MARK: Under the shard's exclusive lock

  /// Takes a session out of the index whose time is over, or a mark; `release` comes after the lock.
  func dropExpired(_ place: IndexShard.Place, from shard: IndexShard, _ hash: SessionHash) {
    let record = shard.record(at: place.offset)
    shard.remove(place)
    tags.remove(record, hash)
    if record.isSession { noteExpired(record, in: shard) }
  }

  /// Tells the logs of a session whose time is over.
  func noteExpired(_ record: borrowing RecordView, in shard: IndexShard) {
    let end = end(of: record)
    ends.note(record.rawID, end.cause, by: nil, at: end.at)
    events.append(.expire, record.rawID, version: record.version)
    shard.expiredCount.wrappingAdd(1, ordering: .relaxed)
  }

  /// Takes a session out of the index that somebody ends; `release` comes after the lock.
  func drop(
    _ place: IndexShard.Place, from shard: IndexShard, _ hash: SessionHash, _ cause: EndCause,
    by origin: ChangeOrigin?, at now: Int64
  ) {
    let record = shard.record(at: place.offset)
    shard.remove(place)
    tags.remove(record, hash)
    note(record, cause, by: origin, at: now)
  }

  /// When and why a session ends that nobody ends.
  func end(of record: borrowing RecordView) -> EndLog.End {
    let end = record.end(lifetime: header.lifetimeNanoseconds)
    return EndLog.End(cause: end < record.deadline ? .lifetime : .idle, origin: nil, at: end)
  }

  /// Tells the logs of a session that has just ended: its record is whole until its block is released.
  func note(_ record: borrowing RecordView, _ cause: EndCause, by origin: ChangeOrigin?, at now: Int64) {
    let kind: EventKind
    switch cause {
    case .idle, .lifetime: kind = .expire
    case .deleted: kind = .del
    case .revoked: kind = .revoke
    case .renamed: kind = .rename
    case .evicted: kind = .evict
    }
    ends.note(record.rawID, cause, by: origin, at: now)
    events.append(kind, record.rawID, version: record.version)
  }

  // MARK: Without a lock

  /// Frees the block of a record that the index does not name any more: first its stamp goes, so that who still
  /// reads it learns that it is gone; then its bytes, so that nothing of an ended session stays for who maps the
  /// segment; then it may be used again.
  func release(_ offset: Int) {
    let record = mapping.base + offset
    let bytes = RecordLayout.wholeWords(RecordView(at: record).size)
    RecordStamp.withdraw(from: record)
    SharedWords.zero(record, bytes: bytes)
    allocator.free(offset)
  }
}
