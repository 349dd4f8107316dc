import Glibc
import SystemCalls

/// The descriptor that clients get: one that can read, and nothing else.
extension SegmentFile {
  /// Opens the file of a descriptor again, for reading only. What is opened by path is checked to be the
  /// same file: somebody may have put another one in its place meanwhile.
  ///
  /// - Parameter path: where the file lies; nil for one that has no name.
  /// - Throws: `SystemCallError`; ESTALE if another file is at the path.
  static func reopenReadOnly(_ number: Int32, path: String?) throws(SystemCallError) -> SharedDescriptor {
    // The entry in /proc is a link by nature, so it has to be followed.
    let descriptor =
      if let path {
        try Descriptor.open(path, O_RDONLY | O_NOFOLLOW)
      } else {
        try Descriptor.open("/proc/self/fd/\(number)", O_RDONLY)
      }
    let (opened, meant) = (try status(descriptor.number), try status(number))
    guard opened.st_dev == meant.st_dev, opened.st_ino == meant.st_ino else {
      throw SystemCallError("open", ESTALE)
    }
    return SharedDescriptor(descriptor)
  }

  private static func status(_ number: Int32) throws(SystemCallError) -> stat {
    var status = stat()
    _ = try systemCall("fstat") { fstat(number, &status) }
    return status
  }
}
