/// What stands behind the cache.
public enum Backing: Sendable, Equatable {
  /// Nothing: what is not in memory does not exist.
  case none
  /// A store that only this daemon changes. Changes are published at once and saved afterwards, unless they are made
  /// with a plan.
  case own
  /// A store that other daemons change, too. It holds the truth: sessions end there, changes are made with a plan.
  case shared
}
