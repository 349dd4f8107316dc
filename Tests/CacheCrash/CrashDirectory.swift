import Glibc
import SessionCache
import SystemCalls

/// A directory for the segment.
struct CrashDirectory {
  let path: String

  init() throws {
    var template = Array("/tmp/cache-crash-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemCallError("mkdtemp", errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  var segment: String { "\(path)/segment" }

  /// Small enough that memory runs out now and then, and runs are taken apart for others.
  func opener() -> SegmentOpener {
    SegmentOpener(
      path: segment, size: 6 << 20, shardCount: 2,
      settings: .init(
        ttl: KnownSession.defaultTTL * 1_000_000_000, lifetime: 0, sessionBytesMost: 400 << 10, keysMost: 100),
      clock: .system, boot: nil, threads: 1, wakeReclaimer: {})
  }

  func remove() {
    for name in ["segment", "segment.new"] { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}
