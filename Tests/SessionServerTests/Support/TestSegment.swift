import CLinux
import Glibc
import Logging
import SessionCache
import SessionSegment
import SystemCalls

@testable import SessionServer

/// A file that stands for the segment's where a descriptor of it is to be handed out.
enum TestSegment {
  static func descriptor() throws -> SharedDescriptor {
    SharedDescriptor(Descriptor(owning: try systemCall("memfd_create") { linux_memfd("handed out") }))
  }

  /// Whether two descriptors are of the same file.
  static func isSame(_ one: Int32, _ other: Int32) -> Bool {
    var (first, second) = (stat(), stat())
    return fstat(one, &first) == 0 && fstat(other, &second) == 0 && first.st_ino == second.st_ino
      && first.st_dev == second.st_dev
  }
}

extension SegmentHandout {
  convenience init(
    _ descriptor: SharedDescriptor, cache: SessionCache, statistics: ReactorStatistics,
    log: RateLimitedLog = RateLimitedLog(Logger(label: "test"), level: .debug, clock: .system)
  ) {
    self.init(
      descriptor, size: 4 << 20, id: SegmentID(cache.segmentID.0, cache.segmentID.1), statistics: statistics,
      log: log)
  }
}
