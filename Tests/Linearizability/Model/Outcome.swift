/// What a reply said.
public enum Outcome: Hashable, Sendable {
  /// `set` was done, and made this version.
  case version(UInt64)
  /// `set` was not done: the session had this version, 0 where there was none. `rename` was not done: the
  /// session under the new id had it.
  case conflict(current: UInt64)
  /// How many sessions (0 or 1) or keys `delete`, `revoke` and `deleteKeys` removed.
  case removed(Int)
  /// `increment` was done, and made this number.
  case number(Int64)
  /// `increment` was not done: there was no whole number, or the sum would not fit.
  case notANumber
  /// What `get` found; nil: no such session or key.
  case value(String?)
  /// What `getAll` and `getMany` found, in the session's order; nil: no such session.
  case fields([Field]?)
  /// What `info` found.
  case info(version: UInt64, keys: Int)
  /// `info` or `rename` found no session.
  case missing
  case exists(Bool)
  /// `rename` was done.
  case renamed
  /// A change was not done: the id, or for `rename` the new one, is revoked or was renamed away.
  case revoked
}
