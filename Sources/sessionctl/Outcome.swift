/// The exit codes of sessionctl.
enum Outcome: Int32 {
  case done = 0
  /// There is no such session or key; or the doctor has found something.
  case missing = 1
  /// The command line makes no sense, or names something that the protocol does not allow.
  case usage = 2
  /// No daemon could be reached.
  case noDaemon = 3
  /// Any other refusal or failure: a conflict, a full cache, a role that may not, a timeout.
  case refused = 4
}
