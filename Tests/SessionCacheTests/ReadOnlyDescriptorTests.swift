import Glibc
import SessionSegment
import SystemCalls
import Testing

@testable import SessionCache

@Suite("The descriptor for clients")
struct ReadOnlyDescriptorTests {
  private func inode(_ number: Int32) throws -> UInt {
    var status = stat()
    _ = try systemCall("fstat") { fstat(number, &status) }
    return UInt(status.st_ino)
  }

  private func isReadOnly(_ descriptor: SharedDescriptor) -> Bool {
    errno = 0
    return fcntl(descriptor.number, F_GETFL) & O_ACCMODE == O_RDONLY
      && pwrite(descriptor.number, "x", 1, 0) == -1
      && errno == EBADF && fcntl(descriptor.number, F_GETFD) & FD_CLOEXEC != 0
  }

  @Test("reads the file that is served, made afresh, taken over, and in another's place")
  func file() throws {
    var template = Array("/tmp/segment-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let path = "\(directory)/segment"
    defer {
      unlink(path)
      rmdir(directory)
    }
    var inodes: [UInt] = []
    for size in [4 << 20, 4 << 20, 8 << 20] {
      let (cache, _) = try SegmentOpener(
        path: path, size: size, shardCount: 4,
        settings: .init(ttl: 1_000_000_000, lifetime: 0, sessionBytesMost: 1 << 10, keysMost: 100),
        clock: BootClock(now: { 1 }, wallClock: { 1 }), boot: nil, threads: 1, wakeReclaimer: {}
      ).open()
      let descriptor = cache.readOnlyDescriptor
      #expect(isReadOnly(descriptor))
      #expect(cache.segmentBytes == size)
      var status = stat()
      #expect(stat(path, &status) == 0)
      #expect(try inode(descriptor.number) == UInt(status.st_ino))
      let mapping = try SegmentMapping(readingFrom: descriptor.number)
      #expect(mapping.size == size)
      let id = SegmentHeader(mapping).id
      #expect(SegmentID(id.0, id.1) == cache.segmentID)
      inodes.append(UInt(status.st_ino))
    }
    #expect(inodes[0] == inodes[1])
    #expect(inodes[1] != inodes[2])
  }

  @Test("can be had of a segment without a path")
  func anonymous() throws {
    struct NoPages: PageSource {
      func commit(offset: Int, length: Int) throws(SystemCallError) {}
      func release(offset: Int, length: Int) throws(SystemCallError) {}
    }
    let segment = try SegmentFile.anonymous(size: 1 << 20, pages: NoPages())
    #expect(isReadOnly(segment.readOnlyDescriptor))
    var status = stat()
    #expect(fstat(segment.readOnlyDescriptor.number, &status) == 0 && status.st_size == 1 << 20)
  }

  @Test("is none of another file that was put at the path meanwhile, and follows no link")
  func replaced() throws {
    var template = Array("/tmp/segment-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let (path, other) = ("\(directory)/segment", "\(directory)/other")
    defer {
      unlink(path)
      unlink(other)
      rmdir(directory)
    }
    let served = try Descriptor.open(path, O_RDWR | O_CREAT)
    _ = try SegmentFile.reopenReadOnly(served.number, path: path)
    #expect(rename(path, other) == 0)
    #expect(throws: SystemCallError("open", ENOENT)) {
      try SegmentFile.reopenReadOnly(served.number, path: path)
    }
    #expect(symlink(other, path) == 0)
    #expect(throws: SystemCallError("open", ELOOP)) {
      try SegmentFile.reopenReadOnly(served.number, path: path)
    }
    unlink(path)
    _ = try Descriptor.open(path, O_RDWR | O_CREAT)
    #expect(throws: SystemCallError("open", ESTALE)) {
      try SegmentFile.reopenReadOnly(served.number, path: path)
    }
  }
}

@Suite("A segment's id")
struct SegmentIDTests {
  @Test("stands in 32 digits, and is read from nothing else")
  func text() {
    let id = SegmentID(0x0123_4567_89AB_CDEF, 0x10)
    #expect(id.description == "0123456789abcdef0000000000000010")
    #expect(SegmentID(id.description) == id)
    #expect(SegmentID(0, .max).description == "0000000000000000ffffffffffffffff")
    for text in [
      "", "0", "0123456789abcdef000000000000001", "0123456789abcdef00000000000000100",
      "0123456789ABCDEF0000000000000010", "+123456789abcdef0000000000000010",
      "0123456789abcdef-000000000000010",
      "0123456789abcdef000000000000001g", "é123456789abcdef000000000000001",
    ] { #expect(SegmentID(text) == nil, "\(text)") }
  }
}
