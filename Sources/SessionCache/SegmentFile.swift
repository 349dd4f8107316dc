import CLinux
import Glibc
public import SessionSegment
import SystemCalls

/// A segment's file, mapped.
public struct SegmentFile: Sendable {
  public let mapping: SegmentMapping
  let pages: any PageSource
  /// The same file, opened for reading only.
  let readOnlyDescriptor: SharedDescriptor

  /// Makes an empty file of the geometry's size (sparse: memory is taken as it is needed) with mode 0600 at
  /// `path`, in the place of one that may be there. Its tables have their memory.
  ///
  /// - Throws: `SystemCallError`, `SegmentError`.
  static func create(path: String, geometry: SegmentGeometry, claiming: Bool) throws -> SegmentFile {
    guard unlink(path) == 0 || errno == ENOENT else { throw SystemCallError("unlink", errno) }
    let descriptor = try Descriptor.open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
    let number = descriptor.number
    if claiming { try claim(number) }
    _ = try systemCall("ftruncate") { ftruncate(number, geometry.bytes) }
    let pages = FilePages(descriptor)
    try pages.commit(offset: 0, length: geometry.tableBytes)
    return SegmentFile(
      mapping: try SegmentMapping(descriptor: number, size: geometry.bytes), pages: pages,
      readOnlyDescriptor: try reopenReadOnly(number, path: path))
  }

  /// Maps a file that is there, which is a segment of `geometry`, and makes it the daemon's alone.
  ///
  /// - Throws: `SystemCallError`, `SegmentError`.
  static func adopt(path: String, geometry: SegmentGeometry, claiming: Bool) throws -> SegmentFile {
    let descriptor = try Descriptor.open(path, O_RDWR | O_NOFOLLOW)
    let number = descriptor.number
    if claiming { try claim(number) }
    _ = try systemCall("fchmod") { fchmod(number, 0o600) }
    let mapping = try SegmentMapping(descriptor: number, size: geometry.bytes)
    return SegmentFile(
      mapping: mapping, pages: FilePages(descriptor),
      readOnlyDescriptor: try reopenReadOnly(number, path: path))
  }

  /// Locks the file itself against another daemon that comes by it under another name, or after somebody has
  /// removed the lock file. A client's lock, which it can take on the descriptor that it got, is no hindrance.
  ///
  /// - Throws: `SegmentError.taken`.
  private static func claim(_ descriptor: Int32) throws(SegmentError) {
    guard linux_claim(descriptor) == 0 else {
      if errno == EWOULDBLOCK { throw .taken }
      throw .system("fcntl", errno)
    }
  }

  /// Marks a file whose layout is not known, so that readers that have it mapped turn away from it: the place of
  /// the mark is the same in every format.
  static func markSuperseded(path: String, claiming: Bool) throws {
    let descriptor = try Descriptor.open(path, O_RDWR | O_NOFOLLOW)
    let number = descriptor.number
    if claiming { try claim(number) }
    var status = stat()
    _ = try systemCall("fstat") { fstat(number, &status) }
    guard status.st_size >= SegmentLayout.pageBytes else { return }
    SegmentHeader(try SegmentMapping(descriptor: number, size: SegmentLayout.pageBytes)).isSuperseded = true
  }

  /// A segment of this process alone, without a path, for tests and benchmarks.
  ///
  /// - Parameter pages: takes the pages' memory; tests can let it fail.
  public static func anonymous(size: Int, pages: any PageSource) throws -> SegmentFile {
    let descriptor = Descriptor(owning: try systemCall("memfd_create") { linux_memfd("segment") })
    _ = try systemCall("ftruncate") { ftruncate(descriptor.number, size) }
    return SegmentFile(
      mapping: try SegmentMapping(descriptor: descriptor.number, size: size), pages: pages,
      readOnlyDescriptor: try reopenReadOnly(descriptor.number, path: nil))
  }

  /// The smallest segment with so many shards, in bytes: room for the tables of an empty index and a little
  /// data.
  public static func leastBytes(shardCount: Int) -> Int {
    var pages = 0
    while SegmentGeometry(bytes: pages * SegmentLayout.pageBytes, shards: shardCount, sessionBytesMost: 0)
      == nil
    {
      pages += 1
    }
    return pages * SegmentLayout.pageBytes
  }
}
