import CLinux
import Glibc

/// Wakes a thread that waits in epoll, from any other (eventfd(2)).
public struct WakeSignal: ~Copyable, Sendable {
  private let descriptor: Descriptor

  public init() throws(SystemCallError) {
    descriptor = Descriptor(owning: try systemCall("eventfd") { linux_eventfd() })
  }

  public var number: Int32 { descriptor.number }

  public func raise() {
    var one: UInt64 = 1
    // It can only fail with EAGAIN, when the counter is full: then the thread is woken anyway.
    _ = write(descriptor.number, &one, 8)
  }

  /// Takes the signal back; the next `raise` wakes again.
  public func clear() {
    var count: UInt64 = 0
    _ = read(descriptor.number, &count, 8)
  }
}
