import SystemCalls

/// A clock of nanoseconds since 1970 that stands still until a test moves it.
public final class StoreClock: Sendable {
  private let nanoseconds: Guarded<Int64>

  /// Begins in 2023.
  public init() { nanoseconds = Guarded(1_700_000_000_000_000_000) }

  public var now: Int64 { nanoseconds.withLock { $0 } }

  public func advance(seconds: Double) { nanoseconds.withLock { $0 += Int64(seconds * 1e9) } }
}
