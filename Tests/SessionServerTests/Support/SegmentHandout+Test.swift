import Glibc
import Logging
import SessionCache
import SystemCalls

@testable import SessionServer

extension SegmentHandout {
  /// The segment of a cache, where nobody looks at the log.
  convenience init(_ cache: SessionCache, statistics: ReactorStatistics) {
    self.init(
      cache, statistics: statistics,
      log: RateLimitedLog(Logger(label: "test"), level: .debug, clock: .system))
  }
}

/// Whether two descriptors are of the same file.
func areSameFile(_ one: Int32, _ other: Int32) -> Bool {
  var first = stat()
  var second = stat()
  return fstat(one, &first) == 0 && fstat(other, &second) == 0 && first.st_ino == second.st_ino
    && first.st_dev == second.st_dev
}
