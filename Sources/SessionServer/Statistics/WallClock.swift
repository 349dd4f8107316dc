import Synchronization
import SystemCalls

/// Moments of CLOCK_BOOTTIME on the wall clock, for what people and files are told.
///
/// It follows the wall clock when somebody sets it, but not for less than the two readings may lie apart, so
/// that a moment told twice is told alike, whichever thread tells it.
final class WallClock: Sendable {
  /// A smaller difference is none, in nanoseconds.
  private static let tolerance: Int64 = 10_000_000
  private static let millisecond: Int64 = 1_000_000

  private let clock: BootClock
  /// The wall clock's lead over CLOCK_BOOTTIME, as last told.
  private let lead: Atomic<Int64>

  init(_ clock: BootClock) {
    self.clock = clock
    lead = Atomic(clock.wallClock() - clock.now())
  }

  /// Nanoseconds since 1970, to the nearest millisecond: what came from a file in milliseconds goes back to one
  /// as it was, although another daemon may have read the clocks some microseconds apart.
  func time(of moment: Int64) -> Int64 {
    let (time, isOver) = (moment &+ currentLead()).addingReportingOverflow(Self.millisecond / 2)
    return (isOver ? .max : time) / Self.millisecond * Self.millisecond
  }

  /// Nanoseconds since 1970, to the nanosecond: for what comes back by `moment`.
  func exactTime(of moment: Int64) -> Int64 {
    let (time, isOver) = moment.addingReportingOverflow(currentLead())
    return isOver ? .max : time
  }

  /// Nanoseconds of CLOCK_BOOTTIME, below 0 for what was before the machine's start.
  func moment(of time: Int64) -> Int64 { time &- currentLead() }

  private func currentLead() -> Int64 {
    let now = clock.wallClock() - clock.now()
    let known = lead.load(ordering: .relaxed)
    guard (now - known).magnitude > Self.tolerance else { return known }
    lead.store(now, ordering: .relaxed)
    return now
  }
}
