/// Why a store did not do what it was asked to. What it says of the reason is for an operator's eyes.
public enum StoreError: Error, Sendable, Equatable, CustomStringConvertible {
  /// It can't be reached, does not answer in time, or is busy, full, read-only, loading: it may be better later.
  /// Whether a change that ended so was made is not known where `isDecided` is false.
  case unavailable(String, isDecided: Bool)
  /// It can't be used as it is: a newer schema, a path that is none of ours, credentials that are refused.
  case unfit(String)

  public var description: String {
    switch self {
    case .unavailable(let reason, _), .unfit(let reason): reason
    }
  }
}
