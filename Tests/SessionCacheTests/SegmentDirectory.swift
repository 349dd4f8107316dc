import Glibc
import SessionCache
import SystemCalls
import Testing

/// A temporary directory with a segment in it, opened again and again as by one daemon after the other.
final class SegmentDirectory {
  let path: String
  var now: Int64 = 1_000_000_000_000

  var segment: String { "\(path)/segment" }

  init() throws {
    var template = Array("/tmp/sessiond-segment-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for name in names { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  /// The files in it, in order.
  var names: [String] {
    guard let list = opendir(path) else { return [] }
    defer { closedir(list) }
    var names: [String] = []
    while let entry = readdir(list) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
  }

  func open(
    size: Int = 16 << 20, shards: Int = 4, lifetime: Int64 = 0, sessionBytesMost: Int = 1 << 20,
    boot: BootIdentity? = nil
  ) throws -> (cache: CacheUnderTest, origin: SegmentOrigin) {
    var opener = SegmentOpener(
      path: segment, size: size, shardCount: shards,
      settings: .init(
        ttl: 600 * CacheUnderTest.second, lifetime: lifetime, sessionBytesMost: sessionBytesMost,
        keysMost: 10_000),
      clock: BootClock(now: { [now] in now }, wallClock: { 1_795_362_452_000_000_000 }), boot: boot,
      threads: 2,
      wakeReclaimer: {})
    opener.isExclusive = false
    let (cache, origin) = try opener.open()
    return (CacheUnderTest(cache, now: now), origin)
  }

  /// Changes bytes of the segment's file.
  func overwrite(_ bytes: [UInt8], at offset: Int) throws {
    let file = try Descriptor.open(segment, O_RDWR)
    #expect(pwrite(file.number, bytes, bytes.count, off_t(offset)) == bytes.count)
  }
}
