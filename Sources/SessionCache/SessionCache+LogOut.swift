import SessionSegment
import SystemCalls

extension SessionCache {
  /// Ends a session and marks its id, so that nothing begins it anew for as long as it could have lived; an id
  /// without a session is marked for the default time to live. With an alias goes the session that it stands for.
  ///
  /// - Parameter origin: who wants it, as `ends` tells it afterwards.
  /// - Returns: whether a session lived.
  /// - Throws: `full` if there is no room for the mark, which can happen only where there is no session.
  public func revoke(_ id: Span<UInt8>, at now: Int64, by origin: ChangeOrigin? = nil) throws(CacheError)
    -> Bool
  {
    try revoke(id, at: now, by: origin, ifTagged: nil, hops: 0)
  }

  /// - Parameter tag: revoke only a session that has this tag.
  func revoke(
    _ id: Span<UInt8>, at now: Int64, by origin: ChangeOrigin?, ifTagged tag: UnsafeRawBufferPointer?,
    hops: Int
  ) throws(CacheError) -> Bool {
    var target: [UInt8]?
    if tag == nil, hops < Self.aliasHopsMost {
      target = try changing(id, at: now) { (session: inout OpenSession) throws(Interruption) in session.newID
      }
    }
    // First the session itself: from then on the alias, too, leads nowhere.
    let lived = try target.map { (target: [UInt8]) throws(CacheError) in
      try revoke(target.span, at: now, by: origin, ifTagged: nil, hops: hops + 1)
    }
    let wasSession = try changing(id, at: now) { (session: inout OpenSession) throws(Interruption) in
      if let tag, !session.hasTag(tag) { return false }
      return try session.revoke(by: origin)
    }
    return wasSession || lived == true
  }

  /// Revokes sessions with a tag, a few of them, so that nobody waits for long. Start with `TagCursor()` and go on
  /// until nil comes back. A session that gets the tag meanwhile may be missed.
  ///
  /// - Returns: how many lived, and where to go on.
  public func revokeAll(
    _ tag: Span<UInt8>, _ cursor: TagCursor, at now: Int64, by origin: ChangeOrigin?
  ) throws(CacheError) -> (revoked: Int, next: TagCursor?) {
    let hash = tag.withUnsafeBytes { tags.hash($0) }
    let sessions = tags.sessions(of: hash, from: cursor.session, limit: TagCursor.stride)
    var revoked = 0
    for session in sessions {
      for id in ids(of: session, taggedWith: tag, at: now) {
        let isRevoked = try tag.withUnsafeBytes { tag throws(CacheError) in
          try revoke(id.span, at: now, by: origin, ifTagged: tag, hops: 0)
        }
        if isRevoked { revoked += 1 }
      }
    }
    guard sessions.count == TagCursor.stride, let last = sessions.last, last < .max else {
      return (revoked, nil)
    }
    return (revoked, TagCursor(session: last + 1))
  }
}
