/// What happened to a session.
public enum EventKind: UInt8, Sendable, CaseIterable {
  /// Its data or its tags changed, or it began.
  case set
  /// It was deleted.
  case del
  /// Its time was over, and it was reclaimed.
  case expire
  /// It was pushed out, since the cache was full.
  case evict
  /// It goes on under another id.
  case rename
  /// It was revoked.
  case revoke
}
