internal import CLinux
internal import Glibc

/// Wakes the client's thread out of poll(2) (eventfd(2)).
final class Bell: Sendable {
  private let descriptor: Descriptor

  init() throws(SystemFailure) {
    let number = linux_eventfd()
    guard number >= 0 else { throw .last("eventfd") }
    descriptor = Descriptor(owning: number)
  }

  /// The number to give to poll(2).
  var number: Int32 { descriptor.number }

  func ring() {
    var one: UInt64 = 1
    // Fails only when the counter is full, and then the thread has been rung for already.
    _ = retryingOnInterrupt { write(number, &one, MemoryLayout<UInt64>.size) }
  }

  func silence() {
    var count: UInt64 = 0
    // Fails only when the bell did not ring.
    _ = retryingOnInterrupt { read(number, &count, MemoryLayout<UInt64>.size) }
  }
}
