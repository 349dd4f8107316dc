import Glibc

/// A file that a program makes for itself, or takes as it left it.
public enum OwnFile {
  /// What open(2) with O_RDWR, O_CREAT and O_NOFOLLOW would fail with, as far as looking tells; nil: with nothing.
  /// Nothing is opened, since that alone does something to some devices. Where the directory is missing is not told.
  public static func foreseenFailure(_ path: String) -> SystemCallError? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return errno == ENOENT ? nil : SystemCallError("open", errno) }
    switch status.st_mode & S_IFMT {
    case S_IFLNK: return SystemCallError("open", ELOOP)
    case S_IFDIR: return SystemCallError("open", EISDIR)
    default: return access(path, R_OK | W_OK) == 0 ? nil : SystemCallError("open", errno)
    }
  }
}
