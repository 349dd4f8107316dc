/// When a change is acknowledged that goes to a store.
public enum Durability: String, CaseIterable, Sendable {
  /// As soon as memory has it; the store gets it within the flush interval. A kill of the daemon loses nothing, a power
  /// cut at most that interval.
  case behind
  /// When the store has committed it.
  case through
}
