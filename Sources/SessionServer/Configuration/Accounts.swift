import Glibc

/// The numbers of users and groups by their names, from the system's databases. For the main thread alone,
/// since the calls answer in memory that they share.
enum Accounts {
  /// The databases could not be asked.
  struct Failure: Error {
    let code: Int32

    var description: String { String(cString: strerror(code)) }
  }

  /// nil where there is no such user (getpwnam(3)).
  static func user(_ name: String) throws(Failure) -> UInt32? {
    try find { getpwnam(name)?.pointee.pw_uid }
  }

  /// nil where there is no such group (getgrnam(3)).
  static func group(_ name: String) throws(Failure) -> UInt32? {
    try find { getgrnam(name)?.pointee.gr_gid }
  }

  private static func find(_ lookUp: () -> UInt32?) throws(Failure) -> UInt32? {
    errno = 0
    if let number = lookUp() { return number }
    switch errno {
    // All these mean that the name was not found, as the man pages say.
    case 0, ENOENT, ESRCH, EBADF, EPERM: return nil
    case let code: throw Failure(code: code)
    }
  }
}
