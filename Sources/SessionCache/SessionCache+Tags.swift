import SessionSegment
import SystemCalls

extension SessionCache {
  /// The most tags in one session.
  public static let tagsMost = RecordLayout.tagsMost

  /// Gives a session tags, behind those that it has. Slides the time to live.
  ///
  /// - Parameter names: ranges of `bytes`, each of 1 to 255 bytes.
  /// - Returns: how many of them are new to it; nil without such a session.
  /// - Throws: `revoked`, `renamed`, `tooManyTags`, `tooLarge`, `full`.
  public func addTags(
    _ id: Span<UInt8>, _ names: [Range<Int>], of bytes: Span<UInt8>, at now: Int64, plan: ChangePlan? = nil
  ) throws(CacheError) -> Int? {
    try changeTags(id, at: now, plan) { tags in
      bytes.withUnsafeBytes { bytes in
        for name in names { tags.add(UnsafeRawBufferPointer(rebasing: bytes[name])) }
      }
    }
  }

  /// Takes tags from a session. Slides the time to live.
  ///
  /// - Returns: how many of them it had; nil without such a session.
  /// - Throws: `revoked`, `renamed`; `full` if not even a smaller record has room.
  public func removeTags(
    _ id: Span<UInt8>, _ names: [Range<Int>], of bytes: Span<UInt8>, at now: Int64, plan: ChangePlan? = nil
  ) throws(CacheError) -> Int? {
    try changeTags(id, at: now, plan) { tags in
      bytes.withUnsafeBytes { bytes in
        for name in names { tags.remove(UnsafeRawBufferPointer(rebasing: bytes[name])) }
      }
    }
  }

  private func changeTags(
    _ id: Span<UInt8>, at now: Int64, _ plan: ChangePlan?, _ change: (inout TagList) -> Void
  ) throws(CacheError) -> Int? {
    try changing(id, at: now, plan: plan) { (session: inout OpenSession) throws(Interruption) in
      try session.requireNoObstacle()
      return try session.changeTags(change)
    }
  }

  /// Ids of sessions with a tag, behind `after` in an order that has no meaning and does not change, at most
  /// `limit`: with fewer, the list is at its end. A session that has the tag during a whole listing is listed exactly
  /// once. Slides no time to live; no lock is held for more than one session.
  public func tagged(
    _ tag: Span<UInt8>, after: Span<UInt8>?, limit: Int, at now: Int64
  ) -> [[UInt8]] {
    let hash = tag.withUnsafeBytes { tags.hash($0) }
    var found: [[UInt8]] = []
    var first: UInt64 = 0
    var behind: [UInt8]?
    if let after {
      first = after.withUnsafeBytes { self.hash($0).bits }
      behind = after.withUnsafeBytes { [UInt8]($0) }
    }
    while found.count < limit {
      let sessions = tags.sessions(of: hash, from: first, limit: limit)
      for session in sessions {
        for id in ids(of: session, taggedWith: tag, at: now) {
          // Those with the same hash as the one to go on after.
          if session == first, let behind, !behind.lexicographicallyPrecedes(id) { continue }
          found.append(id)
        }
      }
      guard sessions.count == limit, let last = sessions.last, last < .max else { break }
      first = last + 1
      behind = nil
    }
    return Array(found.prefix(limit))
  }

  /// The ids with a hash that live and have a tag, in alphabetical order: hardly ever more than one.
  func ids(of session: UInt64, taggedWith tag: Span<UInt8>, at now: Int64) -> [[UInt8]] {
    let hash = SessionHash(bits: session)
    let shard = shard(hash)
    let lifetime = header.lifetimeNanoseconds
    var ids: [[UInt8]] = []
    tag.withUnsafeBytes { tag in
      shard.lock.withReadLock {
        shard.forEachPlace(of: hash.tag) { place in
          let record = shard.record(at: place.offset)
          guard record.tagCount > 0, !record.isExpired(at: now, lifetime: lifetime), record.hasTag(tag),
            self.hash(record.rawID) == hash
          else { return }
          ids.append([UInt8](record.rawID))
        }
      }
    }
    if ids.count > 1 { ids.sort { $0.lexicographicallyPrecedes($1) } }
    return ids
  }
}
