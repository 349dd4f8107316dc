import CLinux

/// The clocks of this machine, in nanoseconds. Deadlines follow CLOCK_BOOTTIME, which no one can
/// set and which goes on while the machine sleeps (clock_gettime(2)).
public struct BootClock: Sendable {
  /// Nanoseconds since the machine booted.
  public var now: @Sendable () -> Int64
  /// Nanoseconds since 1970, for people's eyes only.
  public var wallClock: @Sendable () -> Int64

  public init(now: @escaping @Sendable () -> Int64, wallClock: @escaping @Sendable () -> Int64) {
    self.now = now
    self.wallClock = wallClock
  }

  public static let system = BootClock(now: { linux_boottime_ns() }, wallClock: { linux_realtime_ns() })
}
