import SessionSegment

/// One session, there or not, while its shard's lock is held exclusively: the place where a change is
/// worked out and published, or, with a plan, only worked out. It can't be copied, so that it can't outlive the lock.
struct OpenSession: ~Copyable {
  let cache: SessionCache
  let shard: IndexShard
  let hash: SessionHash
  let id: UnsafeRawBufferPointer
  let now: Int64
  let lifetime: Int64
  let plan: ChangePlan?
  /// Where the session is; nil: there is none, or its time is over.
  var place: IndexShard.Place?
  /// The mark or the alias that stands in the session's place.
  var obstacle: IndexShard.Place?
  /// What stands in the session's place and is in nobody's way: an absence, or a session whose time is over and that
  /// the store has still.
  var vacancy: IndexShard.Place?
  /// Whether nothing is known of the id: the store may have a session.
  private(set) var isUnknown = false
  /// What is to be released when the lock is let go, also after an error.
  var ended = EndedRecords()

  /// Finds the session; one whose time is over is dropped first.
  ///
  /// - Parameters:
  ///   - plan: takes the changes instead of the cache.
  ///   - assumesAbsent: what memory does not know of does not exist: nobody has the id yet.
  init(
    _ cache: SessionCache, _ shard: IndexShard, _ hash: SessionHash, _ id: UnsafeRawBufferPointer,
    _ now: Int64, plan: ChangePlan? = nil, assumesAbsent: Bool = false
  ) {
    self.cache = cache
    self.shard = shard
    self.hash = hash
    self.id = id
    self.now = now
    self.plan = plan
    lifetime = cache.header.lifetimeNanoseconds
    guard let found = shard.find(hash.tag, id) else {
      isUnknown = cache.isBacked && !assumesAbsent
      return
    }
    let record = shard.record(at: found.offset)
    guard !record.isExpired(at: now, lifetime: lifetime) else {
      switch cache.backing {
      case .none:
        cache.dropExpired(found, from: shard, hash)
        ended.add(found.offset)
      case .own: vacancy = found
      case .shared:
        // Somebody else may have used it since.
        shard.remove(found)
        ended.add(found.offset)
        isUnknown = !assumesAbsent
      }
      return
    }
    if record.isSession {
      place = found
    } else if record.isAbsence {
      vacancy = found
    } else {
      obstacle = found
    }
  }

  /// 0 where there is no session.
  var version: UInt64 { place.map { shard.record(at: $0.offset).version } ?? 0 }

  /// nil where there is no session.
  var ttl: Int64? { place.map { shard.record(at: $0.offset).ttl } }

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

  func hasTag(_ tag: UnsafeRawBufferPointer) -> Bool {
    place.map { shard.record(at: $0.offset).hasTag(tag) } ?? false
  }
}
