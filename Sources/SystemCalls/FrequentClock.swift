import CLinux
import Synchronization

/// CLOCK_BOOTTIME for whoever asks millions of times a second and does not mind some milliseconds: a quarter of
/// the price. The exact clock is read once for each tick of the kernel, by which the coarse clock moves
/// (CLOCK_MONOTONIC_COARSE, clock_gettime(2)); after a suspend, which stops the coarse clock and not the
/// other, the first tick shows the difference.
public struct FrequentClock: ~Copyable, Sendable {
  private let tick = Atomic<Int64>(.min)
  private let moment = Atomic<Int64>(.min)

  public init() {}

  /// A moment of CLOCK_BOOTTIME, in nanoseconds, that has come: since the kernel's last tick, or one before it.
  @inline(__always)
  public func recent() -> Int64 {
    let now = linux_last_tick_ns()
    // Acquiring: the moment is of this tick, or a later one.
    guard tick.load(ordering: .acquiring) == now else { return renew(now) }
    return moment.load(ordering: .relaxed)
  }

  @inline(never)
  private func renew(_ now: Int64) -> Int64 {
    let exact = linux_boottime_ns()
    // It only grows: this thread may have been held up since it asked.
    moment.max(exact, ordering: .relaxed)
    // Releasing: who sees the tick sees its moment.
    tick.store(now, ordering: .releasing)
    return exact
  }
}
