import Glibc

/// Running a program as another user, which root alone may do.
enum Credentials {
  /// A user id that owns nothing.
  static let stranger: uid_t = 61_234

  /// Whether a program can be run as somebody else: root, and setpriv(1).
  static var canChangeUser: Bool { Programs.isRoot && Programs.has("setpriv") }
  /// Whether somebody else can talk to the daemon, too.
  static var canConnectAsStranger: Bool { canChangeUser && Programs.has("socat") }

  /// The command line that runs another one as the stranger.
  static func asStranger(_ command: [String], groups: [UInt32] = []) -> [String] {
    let user = String(stranger)
    let list = groups.map(String.init).joined(separator: ",")
    return ["--reuid", user, "--regid", user] + (groups.isEmpty ? ["--clear-groups"] : ["--groups", list])
      + ["--"] + command
  }

  /// What the daemon answers to the lines when the stranger sends them.
  static func askAsStranger(
    _ lines: [String], socket: String, options: String = "", groups: [UInt32] = []
  ) throws -> ProgramResult {
    guard let socat = Programs.tool("socat") else { throw Failure("no socat") }
    return try run(
      "setpriv", asStranger([socat, "-t", "10", "-", "UNIX-CONNECT:\(socket)\(options)"], groups: groups),
      input: lines.map { $0 + "\n" }.joined())
  }
}
