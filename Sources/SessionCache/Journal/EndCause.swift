/// Why a session ended.
public enum EndCause: UInt8, Sendable, CaseIterable {
  /// Nobody used it for as long as its idle time to live.
  case idle
  /// It was as old as a session may become.
  case lifetime
  /// A DEL or a FLUSH.
  case deleted
  case revoked
  /// It goes on under another id.
  case renamed
  /// Pushed out, since the cache was full.
  case evicted
}
