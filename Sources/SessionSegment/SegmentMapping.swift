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
  public convenience init(descriptor: Int32, size: Int) throws(SegmentError) {
    try self.init(descriptor, size, PROT_READ | PROT_WRITE)
  }

  /// Maps a segment that another process writes, for reading only. The descriptor may be closed afterwards.
  ///
  /// - Throws: `SegmentError.unfit` if it is no segment of this format, or others than its owner may write
  ///   it; `SegmentError.system` if it can't be looked at or mapped.
  public convenience init(readingFrom descriptor: Int32) throws(SegmentError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system("fstat", errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .unfit("it is no regular file") }
    guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
      throw .unfit("others than its owner may write it")
    }
    // The whole header must be there, or looking at it would end the process.
    guard status.st_size >= SegmentLayout.pageBytes else { throw .unfit("it is too short for a segment") }
    try self.init(descriptor, Int(status.st_size), PROT_READ)
    guard SegmentHeader(self).facts != nil else { throw .unfit("it is no segment of a format known here") }
  }

  /// - Parameter placed: for a mapping made by the caller, which this object takes over.
  public init(placed base: UnsafeMutableRawPointer, size: Int) {
    self.base = base
    self.size = size
  }

  private init(_ descriptor: Int32, _ size: Int, _ protection: Int32) throws(SegmentError) {
    let address = mmap(nil, size, protection, MAP_SHARED, descriptor, 0)
    guard let address, address != MAP_FAILED else { throw .system("mmap", errno) }
    base = address
    self.size = size
  }

  /// Lets go of the file and puts zeros in its place, which no reader takes for a session: the address stays
  /// good for readers that are still at it. For mappings made for reading.
  ///
  /// - Throws: `SegmentError.system`; the file stays mapped then.
  public func retire() throws(SegmentError) {
    let address = mmap(base, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0)
    guard address != MAP_FAILED else { throw .system("mmap", errno) }
  }

  deinit {
    munmap(base, size)
  }

  /// The 64-bit word at an offset that is a multiple of eight, as an atomic.
  @inline(__always)
  func word(at offset: Int) -> UnsafePointer<Atomic<UInt64>> {
    assert(offset & 7 == 0 && offset + 8 <= size)
    return SharedWords.word(base + offset)
  }
}
