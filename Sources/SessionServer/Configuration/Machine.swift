import Glibc
import SystemCalls

/// What of the machine decides whether a configuration can work on it. Tests make one up.
struct Machine: Sendable {
  struct FileSystem: Equatable, Sendable {
    /// Whether it keeps its files in memory: tmpfs, ramfs, hugetlbfs.
    let isMemory: Bool
    /// Bytes in all; nil: as many as the machine has.
    let bytes: Int?
  }

  /// The file system on which a path lies.
  var fileSystem: @Sendable (_ path: String) throws(SystemCallError) -> FileSystem
  /// The bytes of memory that this process's control group may take, or one above it; nil where nobody says.
  var memoryLimit: @Sendable () -> Int?
  /// The bytes of memory that there are.
  var memory: @Sendable () -> Int

  static let system = Machine(
    fileSystem: { path throws(SystemCallError) in
      var facts = statvfs()
      _ = try systemCall("statvfs") { statvfs(path, &facts) }
      let (bytes, overflow) = facts.f_blocks.multipliedReportingOverflow(by: facts.f_frsize)
      return FileSystem(
        isMemory: try FileSystemType(of: path).isMemory,
        bytes: bytes == 0 || overflow ? nil : Int(clamping: bytes))
    },
    memoryLimit: { MemoryLimit.current() },
    memory: { sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) })
}
