import CLinux
import Glibc
public import SessionSegment
import SystemCalls

/// A segment's file, made fresh, with nothing in it yet.
public struct SegmentFile: Sendable {
  public let mapping: SegmentMapping
  let pages: any PageSource
  /// The last version of the segment that was here before, 0 if there was none.
  let lastVersion: UInt64

  /// Makes a file of `size` bytes (sparse: memory is taken as it is needed) with mode 0600 and puts it
  /// at `path`, in the place of one that may be there.
  ///
  /// - Throws: `SystemCallError`, or `SegmentError.size` for a size that no segment can have.
  public static func create(path: String, size: Int, shardCount: Int) throws -> SegmentFile {
    let page = SegmentLayout.pageBytes
    let rounded = size / page * page
    guard size <= SegmentLayout.segmentBytesMost, rounded >= leastBytes(shardCount: shardCount) else {
      throw SegmentError.size(size)
    }
    let lastVersion = try lastVersion(at: path)
    // First, so that its memory is there for the new one. The caller has the lock.
    guard unlink(path) == 0 || errno == ENOENT else { throw SystemCallError("unlink", errno) }
    let fresh = "\(path).new"
    guard unlink(fresh) == 0 || errno == ENOENT else { throw SystemCallError("unlink", errno) }
    let descriptor = try Descriptor.open(fresh, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
    let number = descriptor.number
    _ = try systemCall("ftruncate") { ftruncate(number, rounded) }
    let pages = FilePages(descriptor)
    try pages.commit(offset: 0, length: SegmentLayout.firstPage(shards: shardCount) * page)
    let mapping = try SegmentMapping(descriptor: number, size: rounded)
    // Before it is in its place, so that what is there is always known for a segment.
    SegmentHeader(mapping).claim(lastVersion: lastVersion)
    _ = try systemCall("rename") { rename(fresh, path) }
    return SegmentFile(mapping: mapping, pages: pages, lastVersion: lastVersion)
  }

  /// - Throws: `SegmentError.occupied` if a file is there that is no segment: it may be dear to somebody.
  private static func lastVersion(at path: String) throws -> UInt64 {
    guard let descriptor = try openIfThere(path) else { return 0 }
    let number = descriptor.number
    var status = stat()
    _ = try systemCall("fstat") { fstat(number, &status) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw SegmentError.occupied }
    var bytes = [UInt8](repeating: 0, count: SegmentLayout.pageBytes)
    let count = try systemCall("read") { read(number, &bytes, bytes.count) }
    if count == 0 { return 0 }
    guard SegmentHeader.isSegment(Array(bytes[..<count])) else { throw SegmentError.occupied }
    return SegmentHeader.lastVersion(in: Array(bytes[..<count])) ?? 0
  }

  private static func openIfThere(_ path: String) throws(SystemCallError) -> Descriptor? {
    do throws(SystemCallError) {
      return try Descriptor.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    } catch {
      if error.code == ENOENT { return nil }
      throw error
    }
  }

  /// A segment of this process alone, without a file, for tests and benchmarks.
  ///
  /// - Parameter pages: takes the pages' memory; tests can let it fail.
  public static func anonymous(size: Int, pages: any PageSource) throws -> SegmentFile {
    let descriptor = Descriptor(owning: try systemCall("memfd_create") { linux_memfd("segment") })
    _ = try systemCall("ftruncate") { ftruncate(descriptor.number, size) }
    return SegmentFile(
      mapping: try SegmentMapping(descriptor: descriptor.number, size: size), pages: pages, lastVersion: 0)
  }

  /// Room for the tables of an empty index and a little data: a page and a directory for each shard,
  /// twice, and 256 KiB.
  public static func leastBytes(shardCount: Int) -> Int {
    (SegmentLayout.firstPage(shards: shardCount) + shardCount * 4) * SegmentLayout.pageBytes + 256 * 1024
  }
}
