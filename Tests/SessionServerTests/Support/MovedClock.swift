import Synchronization
import SystemCalls

/// A clock that stands still until the test moves it, or goes on a step whenever it is asked.
final class MovedClock: Sendable {
  /// What the wall clock is ahead of the time since boot.
  static let wallClockAhead: Int64 = 1_700_000_000_000_000_000

  private let nanoseconds = Atomic<Int64>(1_000_000_000_000)
  /// How far it goes on, in nanoseconds, when what is tested looks at it.
  private let step: Int64

  init(step: Int64 = 0) { self.step = step }

  var now: Int64 { nanoseconds.load(ordering: .sequentiallyConsistent) }

  func advance(seconds: Double) { advance(nanoseconds: Int64(seconds * 1e9)) }

  func advance(nanoseconds count: Int64) {
    nanoseconds.wrappingAdd(count, ordering: .sequentiallyConsistent)
  }

  private func look() -> Int64 {
    nanoseconds.wrappingAdd(step, ordering: .sequentiallyConsistent).newValue
  }

  var clock: BootClock {
    BootClock(now: { self.look() }, wallClock: { Self.wallClockAhead + self.now })
  }
}
