/// A call of `Store`, by which faults are told where to strike.
public enum StoreCall: Hashable, Sendable, CaseIterable {
  case open, load, apply, recent, ids, deleteExpired, check
}
