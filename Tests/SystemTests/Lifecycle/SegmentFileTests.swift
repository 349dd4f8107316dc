import Glibc
import Testing

@Suite("The segment's file: never in the place of another file, and a clear word where it can't be made")
struct SegmentFileTests {
  /// Expects that a daemon with this segment does not start, and changes nothing about the path.
  private func expectRefusal(_ path: String, in directory: TemporaryDirectory) throws {
    let before = try #require(Files.status(path))
    let socket = directory.file("sessiond.sock")
    let result = try run(Programs.sessiond, ["--socket", socket, "--segment", path], within: 5)
    #expect(result.status == .exited(78), "\(result.standardError)")
    #expect(result.errorLines.count == 1, "\(result.standardError)")
    #expect(result.standardError.contains(path))
    let after = Files.status(path)
    #expect(after?.st_ino == before.st_ino)
    #expect(after?.st_mode == before.st_mode)
    #expect(after?.st_mtim.tv_nsec == before.st_mtim.tv_nsec)
    #expect(Files.status(socket) == nil)
  }

  /// What is in a file that is no segment.
  enum Content: String, CaseIterable {
    case short = "precious"
    case long
    /// As a disk image or a sparse file may begin.
    case zerosFirst

    var text: String {
      switch self {
      case .short: rawValue
      case .long: String(repeating: "precious\n", count: 10_000)
      case .zerosFirst: String(repeating: "\0", count: 4096) + "precious"
      }
    }
  }

  @Test("a file that is no segment is refused and keeps its content", arguments: Content.allCases)
  func regularFile(content: Content) throws {
    try TemporaryDirectory.with { directory in
      let path = directory.file("file")
      try Files.write(content.text, to: path)
      try expectRefusal(path, in: directory)
      let isKept = try Files.text(path) == content.text
      #expect(isKept)
    }
  }

  @Test("a FIFO is refused, and nobody waits for its other end")
  func fifo() throws {
    try TemporaryDirectory.with { directory in
      let path = directory.file("fifo")
      try check(mkfifo(path, 0o600), "mkfifo")
      try expectRefusal(path, in: directory)
    }
  }

  @Test("a directory is refused and keeps what is in it")
  func directory() throws {
    try TemporaryDirectory.with { directory in
      let path = directory.file("directory")
      try check(mkdir(path, 0o700), "mkdir")
      try Files.write("precious", to: "\(path)/file")
      try expectRefusal(path, in: directory)
      #expect(try Files.text("\(path)/file") == "precious")
    }
  }

  @Test("a symbolic link is refused, and the file behind it keeps its content")
  func symbolicLink() throws {
    try TemporaryDirectory.with { directory in
      try Files.write("precious", to: directory.file("file"))
      try check(symlink("file", directory.file("link")), "symlink")
      try expectRefusal(directory.file("link"), in: directory)
      #expect(try Files.text(directory.file("file")) == "precious")
    }
  }

  @Test(
    "under a file-size limit that leaves no room for it: status 1 and one line that names it, no signal",
    arguments: [0, 8, 8192])
  func fileSizeLimit(blocks: Int) throws {
    try TemporaryDirectory.with { directory in
      let pipe = try Pipe()
      // Blocks of 512 bytes. A pipe has no size.
      let daemon = try DaemonProcess(
        launching: directory,
        DaemonOptions(prelude: "exec 2>&3 3>&-; ulimit -f \(blocks)", descriptors: [pipe.writeEnd]))
      defer { daemon.kill() }
      #expect(try daemon.waitForExit() == .exited(1))
      let lines = try pipe.readToEnd().split(separator: "\n")
      #expect(lines.count == 1, "\(lines)")
      let named = blocks == 0 ? daemon.socketPath : directory.file("segment")
      #expect(lines.first?.contains(named) == true, "\(lines)")
      #expect(Files.status(daemon.socketPath) == nil)
    }
  }
}
