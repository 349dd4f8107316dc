internal import Glibc

/// The names of users by their numbers, from the system's database.
enum UserNames {
  /// nil where there is no such user, or the database can't be asked (getpwuid(3)). The call answers in memory that
  /// is its own until the next one: for one caller at a time.
  static func name(of uid: Int) -> String? {
    guard let uid = uid_t(exactly: uid), let entry = getpwuid(uid) else { return nil }
    return String(cString: entry.pointee.pw_name)
  }
}
