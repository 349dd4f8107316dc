/// What a client asked of one session.
public enum Call: Hashable, Sendable {
  /// SET, and MSET, which is the same with more keys or none. `ifVersion` 0: only if there is no session.
  case set([Field], ifVersion: UInt64?)
  /// DEL of the session.
  case delete
  /// DEL of some of its keys, no key twice.
  case deleteKeys([String])
  case increment(String, by: Int64)
  /// GET or PEEK of a key.
  case get(String)
  /// GET or PEEK of all keys.
  case getAll
  /// MGET.
  case getMany([String])
  case info
  /// EXISTS; TOUCH, EXPIRE and TTL tell as much.
  case exists
  /// RENAME to an id that the client names; with a grace in nanoseconds the old id can be read for so long.
  case rename(to: String, grace: Int64?)
  /// REVOKE of one id.
  case revoke

  /// Whether it can change anything but a time to live.
  public var isChange: Bool {
    switch self {
    case .set, .delete, .deleteKeys, .increment, .rename, .revoke: true
    case .get, .getAll, .getMany, .info, .exists: false
    }
  }

  /// The other id that it names.
  var newID: String? {
    guard case .rename(let new, _) = self else { return nil }
    return new
  }
}
