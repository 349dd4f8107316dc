/// How the store is used: settings in force.
struct StoreTerms: Sendable, Equatable {
  /// How long a change is in memory alone at most, in nanoseconds, as long as the store is there.
  var flushEvery: Int64 = 1_000_000_000
  /// How many records may be unsaved before changes wait.
  var queueMost = 100_000
  /// Within which the store answers or fails, in nanoseconds.
  var timeout: Int64 = 2_000_000_000
  /// Whether changes are acknowledged only once the store has them.
  var isThrough = false
  /// How long what memory has of a shared store is served while that is away, in nanoseconds; 0: without end.
  var staleFor: Int64 = 0
}
