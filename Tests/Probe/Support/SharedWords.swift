import CLinux
import Glibc
import Synchronization

/// Some words in a file that all processes of a test map. At first they are zero.
///
/// Sequentially consistent all through, which is the simplest to think about.
final class SharedWords: Sendable {
  // Safe to share: memory that is mapped until the process ends, used as atomics only.
  private nonisolated(unsafe) let words: UnsafeMutablePointer<Atomic<Int64>>
  private let count: Int

  init(_ path: String, count: Int) throws {
    self.count = count
    let bytes = count * 8
    let descriptor = linux_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0, ftruncate(descriptor, bytes) == 0,
      let address = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), address != MAP_FAILED
    else { throw ProbeFailure("can't map \(path): errno \(errno)") }
    close(descriptor)
    // An Atomic<Int64> has the representation of an Int64, and zero is a good one.
    words = address.assumingMemoryBound(to: Atomic<Int64>.self)
  }

  subscript(number: Int) -> Int64 {
    get {
      precondition(number < count)
      return words[number].load(ordering: .sequentiallyConsistent)
    }
    set {
      precondition(number < count)
      words[number].store(newValue, ordering: .sequentiallyConsistent)
    }
  }
}
