import CLinux
import Glibc

/// A file system in memory that forgets what was not synced when it is told to (Tests/PowerLoss/lossfs.c). Only those see
/// it that are started within it.
final class LossyFileSystem {
  /// Whether one can be made and mounted here. Programs that do not compile, or do not work, are no reason to do without.
  static let isPossible: Bool = {
    guard Programs.isRoot, Programs.has("unshare", "nsenter"), PowerLoss.canBeCompiled else { return false }
    let device = linux_open("/dev/fuse", O_RDWR | O_CLOEXEC, 0)
    guard device >= 0 else { return false }
    close(device)
    return (try? run("unshare", ["--mount", "/bin/true"]))?.status == .exited(0)
  }()
  static let isWanted =
    "needs root, unshare, nsenter, /dev/fuse, a C compiler and libfuse3-dev, to mount a file system that forgets"

  let directory: String
  private let server: ChildProcess
  /// It serves until its input ends, also if the tests end without a word.
  private let input: Pipe

  /// Mounts one over `lossy`, a new directory in the test's own.
  init(in parent: TemporaryDirectory) throws {
    let program = try PowerLoss.fileSystem
    guard let unshare = Programs.tool("unshare") else { throw Failure("no unshare") }
    directory = parent.file("lossy")
    try check(mkdir(directory, 0o700), "mkdir")
    input = try Pipe()
    server = try ChildProcess(
      program: unshare, arguments: ["--mount", program, directory], environment: Programs.plainEnvironment,
      standardInput: input.readEnd, standardOutput: parent.file("lossy.out"),
      standardError: parent.file("lossy.err"))
    try eventually("it is mounted") {
      if let status = try server.poll() {
        throw Failure("lossfs ended with \(status): \(try Files.text(parent.file("lossy.err")))")
      }
      return Files.status(file(".cut")) != nil
    }
  }

  /// The command that another one is given to, to run where the file system is.
  var wrapper: [String] {
    [Programs.tool("nsenter") ?? "nsenter", "--mount=/proc/\(server.pid)/ns/mnt", "--"]
  }

  /// The path of a file on it, for the test itself, which does not see the mount.
  func file(_ name: String) -> String { "/proc/\(server.pid)/root\(directory)/\(name)" }

  /// What was not safe when the power went, and how often anybody had synced since it went the last time.
  struct Losses {
    let files: Int
    let sectors: Int
    let names: Int
    let syncs: Int
  }

  /// Forgets what was not synced. Nobody may have a file open.
  ///
  /// - Parameter seed: 0 forgets all of it; by any other, about half of the sectors are kept.
  @discardableResult
  func cut(seed: UInt64 = 0) throws -> Losses {
    try Files.write("\(seed)\n", to: file(".cut"))
    var numbers: [Int] = []
    for word in try Files.text(file(".cut")).split(whereSeparator: \.isWhitespace) {
      numbers.append(word.split(separator: "=").last.flatMap { Int($0) } ?? -1)
    }
    guard numbers.count == 4 else { throw Failure("no losses: \(numbers)") }
    return Losses(files: numbers[0], sectors: numbers[1], names: numbers[2], syncs: numbers[3])
  }

  /// Makes a file, or what is in a directory (``, the file system's own), safe.
  func sync(_ name: String) throws {
    let descriptor = try check(linux_open(file(name), O_RDONLY | O_CLOEXEC, 0), "open \(name)")
    defer { close(descriptor) }
    try check(fsync(descriptor), "fsync \(name)")
  }
}
