/// Where the daemon that used a segment last made changes first, memory or the store behind it. After a kill the other
/// one may lack the last of them.
public enum StoreLead: UInt64, Sendable {
  /// The store heard of them later; or the daemon was stopped in order.
  case memory = 0
  /// Memory heard of them later. Of the time before that it may have some that the store has not.
  case store = 1
  /// And nothing of the time before is left: the store has all, but for uses of sessions.
  case storeHasAll = 2
}
