import Glibc
import SystemCalls

/// Where the socket and the store's credentials lie when nobody says.
enum RuntimePaths {
  static func defaultSocket(environment: [String: String], uid: UInt32) -> String {
    for name in ["RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"] {
      if let directory = environment[name], !directory.isEmpty { return "\(directory)/sessiond.sock" }
    }
    if uid == 0 { return "/run/sessiond.sock" }
    return privateSocket(uid)
  }

  static func privateDirectory(_ uid: UInt32) -> String { "/tmp/sessiond-\(uid)" }

  static func privateSocket(_ uid: UInt32) -> String { "\(privateDirectory(uid))/sessiond.sock" }

  /// Makes the private directory if the socket is to lie in it. /tmp is everybody's, so one that is
  /// there already must be a directory of this user that nobody else can write to.
  static func prepare(socket: String, uid: UInt32) throws(ConfigurationError) {
    let directory = privateDirectory(uid)
    guard socket == privateSocket(uid) else { return }
    if mkdir(directory, 0o700) == 0 { return }
    let code = errno
    guard code == EEXIST else { throw ConfigurationError("\(directory): \(String(cString: strerror(code)))") }
    if let problem = privateDirectoryProblem(uid) { throw ConfigurationError(problem) }
  }

  /// Why the private directory can't be used; nil where it can, or is not there.
  static func privateDirectoryProblem(_ uid: UInt32) -> String? {
    let directory = privateDirectory(uid)
    var status = stat()
    guard lstat(directory, &status) == 0 else {
      return errno == ENOENT ? nil : "\(directory): \(String(cString: strerror(errno)))"
    }
    guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == uid, status.st_mode & 0o077 == 0 else {
      return "\(directory) is not this user's private directory (mode 0700)"
    }
    return nil
  }

  /// The credential `store` of the service (systemd.exec(5), LoadCredential=), if it has one.
  static func credentials(environment: [String: String]) -> String? {
    guard let directory = environment["CREDENTIALS_DIRECTORY"], !directory.isEmpty else { return nil }
    let path = "\(directory)/store"
    return access(path, F_OK) == 0 ? path : nil
  }

  /// A group's number by its name or number.
  ///
  /// - Parameter source: how an error begins.
  static func group(_ name: String, source: String = Setting.socketGroup.name) throws(ConfigurationError)
    -> UInt32
  {
    if let number = UInt32(name) { return number }
    do throws(Accounts.Failure) {
      if let number = try Accounts.group(name) { return number }
    } catch {
      throw ConfigurationError("\(source): the group '\(name)' can't be looked up: \(error.description)")
    }
    throw ConfigurationError("\(source): there is no group '\(name)'")
  }
}
