import Glibc
import SessionCache
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

  private func cache(_ path: String) throws -> SessionCache {
    try SessionCache(
      segment: SegmentFile.create(path: path, size: 4 << 20, shardCount: 4), shardCount: 4,
      settings: .init(ttl: 1_000_000_000, lifetime: 0, sessionBytesMost: 1 << 20, keysMost: 100),
      wakeReclaimer: {})
  }

  private func write(_ cache: SessionCache) throws -> UInt64 {
    var edits = FieldEdits(seed: cache.hashSeed)
    let id = Array("s".utf8)
    return try cache.write(id.span, &edits, of: id.span, .init(), at: 1)
  }

  @Test("versions go on in the segment that takes a former one's place, and a new one gets an id of its own")
  func versionsGoOn() throws {
    let directory = try Directory()
    let first = try cache("\(directory.path)/segment")
    var last: UInt64 = 0
    for _ in 0..<10 { last = try write(first) }
    let second = try cache("\(directory.path)/segment")
    #expect(try write(second) == last + 1)
    #expect(first.segmentID != second.segmentID)
    // The former segment is another file now, and goes on working for who has it mapped.
    #expect(try write(first) == last + 1)
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
      try SegmentFile.create(path: "\(directory.path)/segment", size: size, shardCount: 64)
    }
  }
}
