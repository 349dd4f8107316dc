import Glibc
import Synchronization

/// A segment mapped into this process: it is unmapped when the last reference goes. Offsets are
/// checked in debug builds only.
public final class SegmentMapping: @unchecked Sendable {
  // Safe to share: the address and the size never change, and what lies behind them is reached
  // through atomics or under the locks that SessionCache documents.
  public let base: UnsafeMutableRawPointer
  public let size: Int

  /// Maps `size` bytes of the file for reading and writing.
  ///
  /// - Throws: `SegmentError.system` with the errno of mmap(2).
  public init(descriptor: Int32, size: Int) throws(SegmentError) {
    let address = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    guard let address, address != MAP_FAILED else { throw .system("mmap", errno) }
    base = address
    self.size = size
  }

  deinit {
    munmap(base, size)
  }

  /// The 64-bit word at an offset that is a multiple of eight, as an atomic.
  @inline(__always)
  func word(at offset: Int) -> UnsafePointer<Atomic<UInt64>> {
    assert(offset & 7 == 0 && offset + 8 <= size)
    // An Atomic<UInt64> has the size, the alignment and the representation of a UInt64.
    return UnsafeRawPointer(base + offset).assumingMemoryBound(to: Atomic<UInt64>.self)
  }
}
