import CLinux
import Glibc

/// A timer on CLOCK_BOOTTIME to wait for in epoll (timerfd_create(2)).
public struct BootTimer: ~Copyable, Sendable {
  private let descriptor: Descriptor

  public init() throws(SystemCallError) {
    descriptor = Descriptor(owning: try systemCall("timerfd_create") { linux_timerfd() })
  }

  public var number: Int32 { descriptor.number }

  /// Goes off after so many nanoseconds, once, or again and again.
  public func set(nanoseconds: Int64, repeating: Bool) throws(SystemCallError) {
    _ = try systemCall("timerfd_settime") {
      linux_timerfd_set(descriptor.number, max(1, nanoseconds), repeating ? max(1, nanoseconds) : 0)
    }
  }

  public func clear() {
    var expirations: UInt64 = 0
    // EAGAIN when it has not gone off: nothing to clear then.
    _ = read(descriptor.number, &expirations, 8)
  }
}
