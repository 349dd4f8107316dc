import Synchronization
import SystemCalls

/// A clock that stands still until the test moves it.
final class MovedClock: Sendable {
  /// What the wall clock is ahead of the time since boot.
  static let wallClockAhead: Int64 = 1_700_000_000_000_000_000

  private let nanoseconds = Atomic<Int64>(1_000_000_000_000)

  var now: Int64 { nanoseconds.load(ordering: .sequentiallyConsistent) }

  func advance(seconds: Double) {
    nanoseconds.wrappingAdd(Int64(seconds * 1e9), ordering: .sequentiallyConsistent)
  }

  var clock: BootClock {
    BootClock(now: { self.now }, wallClock: { Self.wallClockAhead + self.now })
  }
}
