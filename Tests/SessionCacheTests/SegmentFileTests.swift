import Glibc
import SessionCache
import SystemCalls
import Testing

@Suite struct SegmentFileTests {
  /// A directory that goes when the test is over.
  private final class Directory {
    let path: String
    init() throws {
      var template = Array("/tmp/segment-XXXXXX".utf8CString)
      try #require(mkdtemp(&template) != nil)
      path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    deinit {
      for name in ["segment", "segment.new", "other"] { unlink("\(path)/\(name)") }
      rmdir(path)
    }
  }

  private func cache(_ path: String, size: Int = 4 << 20, shardCount: Int = 4) throws -> SessionCache {
    try SegmentOpener(
      path: path, size: size, shardCount: shardCount,
      settings: .init(ttl: 1_000_000_000, lifetime: 0, sessionBytesMost: 1 << 20, keysMost: 100),
      clock: BootClock(now: { 1 }, wallClock: { 1 }), boot: nil, threads: 1, wakeReclaimer: {}
    ).open().cache
  }

  @Test("the file is the owner's alone and as large as asked, and takes little of it at first")
  func file() throws {
    let directory = try Directory()
    let path = "\(directory.path)/segment"
    let before = umask(0)
    defer { umask(before) }
    _ = try cache(path)
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    #expect(status.st_size == 4 << 20)
    #expect(status.st_blocks * 512 < 1 << 20)
  }

  @Test("a link in the segment's place is replaced or refused, and what it leads to stays as it is")
  func link() throws {
    let directory = try Directory()
    let (path, other) = ("\(directory.path)/segment", "\(directory.path)/other")
    close(open(other, O_CREAT | O_WRONLY, 0o600))
    #expect(symlink(other, path) == 0)
    #expect(throws: (any Error).self) { try cache(path) }
    var status = stat()
    #expect(stat(other, &status) == 0 && status.st_size == 0)
  }

  @Test("a size that no segment can have is refused", arguments: [0, 1, 100_000, Int.max])
  func sizes(size: Int) throws {
    let directory = try Directory()
    #expect(throws: (any Error).self) {
      try cache("\(directory.path)/segment", size: size, shardCount: 64)
    }
  }
}
