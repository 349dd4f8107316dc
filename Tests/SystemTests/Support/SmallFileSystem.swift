import CLinux
import Glibc

/// A file system of a few megabytes in memory, which only those see that are started within it: it is
/// mounted in a mount namespace of its own, and gone with the last process there.
final class SmallFileSystem {
  /// Whether one can be mounted here: by root, with unshare(1), nsenter(1) and mount(8), and where the
  /// system lets root do it.
  static let isPossible: Bool = {
    guard Programs.isRoot, Programs.has("unshare", "nsenter", "mount") else { return false }
    let probe = try? run("unshare", ["--mount", "mount", "-t", "tmpfs", "none", "/mnt"])
    return probe?.status == .exited(0)
  }()

  private let directory: String
  /// Keeps the namespace until its input ends, also if the tests end without a word.
  private let keeper: ChildProcess
  private let keeperInput: Pipe

  /// Mounts one over `small`, a new directory in the test's own.
  init(in parent: TemporaryDirectory, mebibytes: Int) throws {
    directory = parent.file("small")
    try check(mkdir(directory, 0o700), "mkdir")
    let script = "mount -t tmpfs -o size=\(mebibytes)m none \"$1\" && echo mounted && exec cat"
    keeperInput = try Pipe()
    keeper = try ChildProcess(
      program: Programs.tool("unshare") ?? "unshare",
      arguments: ["--mount", "/bin/sh", "-c", script, "sh", directory],
      environment: Programs.plainEnvironment, standardInput: keeperInput.readEnd,
      standardOutput: parent.file("mount.out"), standardError: parent.file("mount.err"))
    try eventually("it is mounted") {
      if let status = try keeper.poll() { throw Failure("mount ended with \(status)") }
      return try Files.text(parent.file("mount.out")) == "mounted\n"
    }
  }

  /// The command that another one is given to, to run where the file system is.
  var wrapper: [String] {
    [Programs.tool("nsenter") ?? "nsenter", "--mount=/proc/\(keeper.pid)/ns/mnt", "--"]
  }

  /// The path of a file on it, for the test itself, which does not see the mount.
  func file(_ name: String) -> String { "/proc/\(keeper.pid)/root\(directory)/\(name)" }

  /// Makes it larger.
  func resize(mebibytes: Int) throws {
    let arguments = ["mount", "-o", "remount,size=\(mebibytes)m", directory]
    let result = try run(wrapper[0], wrapper.dropFirst() + arguments)
    guard result.status == .exited(0) else { throw Failure("remount: \(result.standardError)") }
  }

  /// Fills it with a file until there are so many bytes left.
  func fill(leaving bytesLeft: Int) throws {
    let descriptor = try check(linux_open(file("filler"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600), "open")
    defer { close(descriptor) }
    let page = [UInt8](repeating: 1, count: 4096)
    var size = 0
    while true {
      let count = write(descriptor, page, page.count)
      guard count > 0 else { break }
      size += count
    }
    guard errno == ENOSPC else { throw SystemCallError(call: "write", code: errno) }
    try check(ftruncate(descriptor, size - bytesLeft), "ftruncate")
  }
}
