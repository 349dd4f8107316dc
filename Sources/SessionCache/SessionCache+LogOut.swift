import SessionSegment
import SystemCalls

extension SessionCache {
  /// Ends a session and marks its id, so that nothing begins it anew for as long as it could have lived; an id
  /// without a session is marked for the default time to live. With an alias goes the session that it stands for.
  ///
  /// - Parameter origin: who wants it, as `ends` tells it afterwards.
  /// - Returns: whether a session lived.
  /// - Throws: `full` if there is no room for the mark, which can happen only where there is no session.
  public func revoke(
    _ id: Span<UInt8>, at now: Int64, by origin: ChangeOrigin? = nil, plan: ChangePlan? = nil
  ) throws(CacheError) -> Bool {
    try revoke(id, at: now, by: origin, hops: Self.aliasHopsMost, plan: plan)
  }

  /// - Parameter hops: how many aliases may be followed; behind them no reader follows either.
  private func revoke(
    _ id: Span<UInt8>, at now: Int64, by origin: ChangeOrigin?, hops: Int, plan: ChangePlan?
  ) throws(CacheError) -> Bool {
    var lived = false
    var failure: CacheError?
    // Between the two steps of a round somebody may rename the session, or what the alias stands for: then the
    // second one does nothing, and the next round follows.
    for _ in 0...Self.aliasHopsMost {
      let target = try changing(id, at: now, plan: plan) {
        (session: inout OpenSession) throws(Interruption) in
        session.newID
      }
      // First the session itself: from then on the alias, too, leads nowhere.
      if let target, hops > 0 {
        do throws(CacheError) {
          if try revoke(target.span, at: now, by: origin, hops: hops - 1, plan: plan) { lived = true }
        } catch {
          if case .notResident = error { throw error }
          // There is no session there, and no room for its mark: this id's shall not suffer for it.
          failure = error
        }
      }
      let wasSession = try changing(id, at: now, plan: plan) {
        (session: inout OpenSession) throws(Interruption) -> Bool? in
        guard session.newID == target else { return nil }
        return try session.revoke(by: origin)
      }
      guard let wasSession else { continue }
      if let failure { throw failure }
      return wasSession || lived
    }
    return lived
  }

  /// Revokes sessions with a tag, a few of them, so that nobody waits for long. Start with `TagCursor()` and go on
  /// until nil comes back. A session that has the tag all the while is revoked, also if it is renamed meanwhile; one
  /// that gets it meanwhile may be missed.
  ///
  /// - Returns: how many lived, and where to go on.
  public func revokeAll(
    _ tag: Span<UInt8>, _ cursor: TagCursor, at now: Int64, by origin: ChangeOrigin?
  ) throws(CacheError) -> (revoked: Int, next: TagCursor?) {
    let hash = tag.withUnsafeBytes { tags.hash($0) }
    let moves = cursor.session == 0 ? tags.moves : cursor.moves
    let sessions = tags.sessions(of: hash, from: cursor.session, limit: TagCursor.stride)
    var revoked = 0
    for session in sessions {
      for id in ids(of: session, taggedWith: tag, at: now) {
        if try revoke(id.span, ifTagged: tag, at: now, by: origin) { revoked += 1 }
      }
    }
    if sessions.count == TagCursor.stride, let last = sessions.last, last < .max {
      return (revoked, TagCursor(session: last + 1, moves: moves, passes: cursor.passes))
    }
    // A session that was renamed may have come to a place that was passed already.
    guard tags.moves != moves, cursor.passes < TagCursor.passesMost else { return (revoked, nil) }
    return (revoked, TagCursor(session: 0, moves: 0, passes: cursor.passes + 1))
  }

  /// Revokes a session if it has a tag; whether it lived and had it.
  public func revoke(
    _ id: Span<UInt8>, ifTagged tag: Span<UInt8>, at now: Int64, by origin: ChangeOrigin?,
    plan: ChangePlan? = nil
  ) throws(CacheError) -> Bool {
    try tag.withUnsafeBytes { tag throws(CacheError) in
      try changing(id, at: now, plan: plan) { (session: inout OpenSession) throws(Interruption) in
        guard session.hasTag(tag) else { return false }
        return try session.revoke(by: origin)
      }
    }
  }
}
