import Glibc
import SystemCalls

/// Where the socket lies when nobody says.
enum RuntimePaths {
  static func defaultSocket(environment: [String: String], uid: UInt32) -> String {
    for name in ["RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"] {
      if let directory = environment[name], !directory.isEmpty { return "\(directory)/sessiond.sock" }
    }
    if uid == 0 { return "/run/sessiond.sock" }
    return "\(privateDirectory(uid))/sessiond.sock"
  }

  private static func privateDirectory(_ uid: UInt32) -> String { "/tmp/sessiond-\(uid)" }

  /// Makes the private directory if the socket is to lie in it. /tmp is everybody's, so one that is
  /// there already must be a directory of this user that nobody else can write to.
  static func prepare(socket: String, uid: UInt32) throws(ConfigurationError) {
    let directory = privateDirectory(uid)
    guard socket == "\(directory)/sessiond.sock" else { return }
    if mkdir(directory, 0o700) == 0 { return }
    let code = errno
    guard code == EEXIST else { throw ConfigurationError("\(directory): \(String(cString: strerror(code)))") }
    var status = stat()
    guard lstat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == uid,
      status.st_mode & 0o077 == 0
    else { throw ConfigurationError("\(directory) is not this user's private directory (mode 0700)") }
  }

  /// A group's number by its name or number.
  static func group(_ name: String) throws(ConfigurationError) -> UInt32 {
    if let number = UInt32(name) { return number }
    do throws(Accounts.Failure) {
      if let number = try Accounts.group(name) { return number }
    } catch {
      throw ConfigurationError("socket-group: the group '\(name)' can't be looked up: \(error.description)")
    }
    throw ConfigurationError("socket-group: there is no group '\(name)'")
  }
}
