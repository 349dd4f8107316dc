import CLinux
import Glibc
import Testing

/// The trials with a power cut are worth what this file system is.
@Suite(
  "A file system that forgets what was not synced",
  .enabled(if: LossyFileSystem.isPossible, "\(LossyFileSystem.isWanted)"))
struct LossyFileSystemTests {
  private func withFiles(_ body: (LossyFileSystem) throws -> Void) throws {
    try TemporaryDirectory.with { directory in try body(LossyFileSystem(in: directory)) }
  }

  @Test("what was written can be read; after a cut what was synced is left of it")
  func bytes() throws {
    try withFiles { files in
      try Files.write("safe", to: files.file("a"))
      try files.sync("a")
      try files.sync("")
      try Files.write("lost, and longer", to: files.file("a"))
      try Files.write("lost", to: files.file("b"))
      #expect(try Files.text(files.file("a")) == "lost, and longer")
      let losses = try files.cut()
      #expect(losses.files == 1 && losses.sectors == 1 && losses.names == 1 && losses.syncs == 2)
      #expect(try Files.text(files.file("a")) == "safe")
      #expect(Files.names(in: files.file("")) == ["a"])
    }
  }

  @Test("names are safe when the directory was synced, bytes when the file was")
  func names() throws {
    try withFiles { files in
      try Files.write("one", to: files.file("a"))
      try files.sync("")
      try files.cut()
      #expect(try Files.text(files.file("a")) == "")
      try Files.write("two", to: files.file("a"))
      try files.sync("a")
      try check(rename(files.file("a"), files.file("b")), "rename")
      try check(unlink(files.file("b")), "unlink")
      try files.cut()
      #expect(try Files.text(files.file("a")) == "two")
      try check(rename(files.file("a"), files.file("b")), "rename")
      try files.sync("")
      try files.cut()
      #expect(Files.names(in: files.file("")) == ["b"])
      #expect(try Files.text(files.file("b")) == "two")
    }
  }

  @Test("a mapping of a file is written through, and shared")
  func mapping() throws {
    try withFiles { files in
      let descriptor = try check(linux_open(files.file("a"), O_RDWR | O_CREAT | O_CLOEXEC, 0o600), "open")
      defer { close(descriptor) }
      try check(ftruncate(descriptor, 8192), "ftruncate")
      let memory = mmap(nil, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
      // Mapped above, for 8192 bytes, until the end of the test.
      let bytes = try #require(memory == MAP_FAILED ? nil : memory)
      defer { munmap(bytes, 8192) }
      bytes.storeBytes(of: 7, toByteOffset: 5000, as: UInt8.self)
      try check(msync(bytes, 8192, MS_SYNC), "msync")
      #expect(try Files.read(files.file("a"))[5000] == 7)
    }
  }

  @Test(
    "cut amid writes as a disk may be, each sector is the old one or the new one", arguments: 1...UInt64(10))
  func sectors(seed: UInt64) throws {
    try withFiles { files in
      let count = 100
      try Files.write(String(repeating: "a", count: count * 512), to: files.file("a"))
      try files.sync("a")
      try files.sync("")
      let descriptor = try check(linux_open(files.file("a"), O_WRONLY | O_CLOEXEC, 0), "open")
      let new = [UInt8](repeating: UInt8(ascii: "b"), count: count * 512)
      try check(write(descriptor, new, new.count), "write")
      close(descriptor)
      #expect(try files.cut(seed: seed).sectors == count)
      let found = try Files.read(files.file("a"))
      let sectors = stride(from: 0, to: found.count, by: 512).map { Set(found[$0..<$0 + 512]) }
      #expect(sectors.allSatisfy { $0.count == 1 })
      #expect((20...80).contains(sectors.count { $0 == [UInt8(ascii: "b")] }))
    }
  }
}
