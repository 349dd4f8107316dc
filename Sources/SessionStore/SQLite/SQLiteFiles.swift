import CLinux
import Glibc
import SystemCalls

/// The files of a database: NAME itself; NAME-wal and NAME-shm, which SQLite makes with the mode of NAME; and
/// NAME-lock, which keeps a second daemon away for as long as this lives, and says, once there was a database of ours
/// under the name, that NAME is ours.
final class SQLiteFiles {
  /// What there was under the name.
  enum Origin {
    /// Nothing; there is an empty file now.
    case made
    case found
  }

  let path: String
  /// Whether there was a database of ours before: then what is under the name is ours, whatever it looks like.
  private(set) var isOurs: Bool
  private let lock: Descriptor
  /// The file itself. Closing a descriptor of a file lets go of the locks that SQLite has on it (fcntl(2)), so this
  /// is done while nobody has it open.
  var file: SharedDescriptor?

  private static let mode: mode_t = 0o600
  private static let mark = Array("sessiond\n".utf8)

  /// Takes the lock.
  ///
  /// - Throws: `unfit` where there can be none, or what is under the name is no file: then nothing is made.
  init(path: String) throws(StoreError) {
    self.path = path
    let lockPath = path + "-lock"
    var status = stat()
    if lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw .unfit("\(path): it is no regular file")
    }
    do throws(SystemCallError) {
      lock = try Self.claim(lockPath)
      let number = lock.number
      _ = try systemCall("fstat") { fstat(number, &status) }
      isOurs = status.st_size > 0
    } catch {
      // EACCES is another way to say that somebody has the lock, where it is fcntl(2) that says it.
      if error.call == "fcntl", error.code == EAGAIN || error.code == EACCES {
        throw Self.inUse(path)
      }
      throw .unfit("\(lockPath): \(error)")
    }
  }

  private static func inUse(_ path: String) -> StoreError {
    .unavailable("\(path): another process has it open", isDecided: true)
  }

  private static func claim(_ path: String) throws(SystemCallError) -> Descriptor {
    let lock = try Descriptor.open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, mode: mode)
    _ = try systemCall("fcntl") { linux_claim(lock.number) }
    // A umask may have taken bits away.
    _ = try systemCall("fchmod") { fchmod(lock.number, mode) }
    return lock
  }

  /// Sees to it that there is a file to open, which is ours alone; one that is there stays as it is.
  ///
  /// The file itself is locked as well: NAME-lock may be deleted while we run, and another name of the file has another
  /// one. It is the lock of flock(2), which knows nothing of SQLite's and stays until `file` is closed.
  ///
  /// - Throws: `unavailable` if somebody else has it; nobody of this process has it open.
  func prepare() throws(StoreError) -> Origin {
    do throws(SystemCallError) {
      let (file, origin) = try openFile()
      var status = stat()
      _ = try systemCall("fstat") { fstat(file.number, &status) }
      guard status.st_mode & S_IFMT == S_IFREG else { throw SystemCallError("it is no regular file", EINVAL) }
      _ = try systemCall("flock") { linux_lock(file.number) }
      // A umask may have taken bits away.
      if origin == .made { _ = try systemCall("fchmod") { fchmod(file.number, Self.mode) } }
      self.file = file
      return origin
    } catch {
      if error.call == "flock", error.code == EWOULDBLOCK { throw Self.inUse(path) }
      throw .unfit("\(path): \(error)")
    }
  }

  /// Sees to it that nobody else may read or write the file, which is ours, nor what SQLite has made beside it.
  func protect() throws(StoreError) {
    do throws(SystemCallError) {
      for suffix in ["", "-wal", "-shm"] {
        var status = stat()
        guard lstat(path + suffix, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
          status.st_mode & 0o077 != 0
        else { continue }
        _ = try systemCall("chmod") { chmod(path + suffix, Self.mode) }
      }
    } catch {
      throw .unfit("\(path): others may read it: \(error)")
    }
  }

  /// Notes that there is a database of ours under the name.
  func markOurs() {
    guard !isOurs else { return }
    // Without the mark, a file that is nothing but garbage later is refused, and not set aside.
    isOurs =
      pwrite(lock.number, Self.mark, Self.mark.count, 0) == Self.mark.count && fsync(lock.number) == 0
  }

  /// The first bytes of the file; as many as there are.
  var head: [UInt8] {
    guard let number = file?.number else { return [] }
    return [UInt8](unsafeUninitializedCapacity: 100) { bytes, count in
      // Not more than there is room for is read.
      count = max(0, pread(number, bytes.baseAddress!, bytes.count, 0))
    }
  }

  /// Whether the file says that it is of a format that SQLite may only read (sqlite.org/fileformat2.html, 1.3.3). There is
  /// none, and ours has none: the byte is damaged.
  var hasUnknownFormat: Bool {
    let head = head
    return head.count > 19 && (head[18] > 2 || head[19] > 2)
  }

  private func openFile() throws(SystemCallError) -> (SharedDescriptor, Origin) {
    do throws(SystemCallError) {
      let file = try Descriptor.open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: Self.mode)
      try syncDirectory()
      return (SharedDescriptor(file), .made)
    } catch {
      guard error.code == EEXIST else { throw error }
    }
    // A pipe is not waited for.
    return (SharedDescriptor(try Descriptor.open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK)), .found)
  }

  /// Gives a damaged database another name, NAME.damaged-TIME. Nobody has it open.
  ///
  /// - Parameter now: nanoseconds since 1970.
  /// - Returns: the name.
  func setAside(at now: Int64) throws(StoreError) -> String {
    // The log first: without it the file may be whole but older, and the next start must not take it for all.
    try setAside(["-wal", "-shm", ""], as: "damaged", at: now)
  }

  /// Gives the log of a database that is gone another name, NAME.left-TIME: SQLite would delete it beside an empty
  /// database, and take it for a part of any other. Nobody has it open.
  ///
  /// - Parameter isOld: whether it is known to be of the one that is gone.
  func setAsideLog(isOld: Bool, at now: Int64) throws(StoreError) {
    var status = stat()
    guard isOld || lstat(path, &status) != 0, lstat(path + "-wal", &status) == 0 else { return }
    _ = try setAside(["-wal", "-shm"], as: "left", at: now)
  }

  private func setAside(
    _ suffixes: [String], as reason: String, at now: Int64
  ) throws(StoreError) -> String {
    do throws(SystemCallError) {
      let name = freeName("\(path).\(reason)-\(now / 1_000_000_000)", suffix: suffixes[0])
      for suffix in suffixes {
        do throws(SystemCallError) {
          _ = try systemCall("rename") { rename(path + suffix, name + suffix) }
        } catch {
          guard error.code == ENOENT else { throw error }
        }
      }
      try syncDirectory()
      return name
    } catch {
      throw .unavailable("\(path) can't be set aside: \(error)", isDecided: true)
    }
  }

  /// Names of one second get a number each; where there are very many, the last is replaced.
  private func freeName(_ name: String, suffix: String) -> String {
    var status = stat()
    for number in 1..<1000 {
      let candidate = number == 1 ? name : "\(name)-\(number)"
      if lstat(candidate, &status) != 0, lstat(candidate + suffix, &status) != 0 { return candidate }
    }
    return name
  }

  /// Makes names survive a power cut (fsync(2)).
  private func syncDirectory() throws(SystemCallError) {
    let end = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let name = end.map { String(path[...$0]) } ?? "."
    let directory = try Descriptor.open(name, O_RDONLY | O_DIRECTORY)
    _ = try systemCall("fsync") { fsync(directory.number) }
  }
}
