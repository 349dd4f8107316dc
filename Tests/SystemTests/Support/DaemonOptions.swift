/// How a test wants its daemon started.
struct DaemonOptions {
  /// Flags beyond those that name the socket, the segment and the configuration file.
  var arguments: [String] = []
  var environment: [String: String] = [:]
  /// The content of the configuration file.
  var configuration = ""
  /// Shell commands that run in the process before the daemon takes its place, such as `ulimit -n 40`.
  var prelude = ""
  /// A command that the daemon's command line is given to, such as `unshare --time`.
  var wrapper: [String] = []
  /// Become the daemon's descriptors 3, 4, … (`LISTEN_PID` is set to the daemon's pid by the prelude
  /// where a test wants that).
  var descriptors: [Int32] = []
  /// Whether `--socket` is passed; the daemon is expected at that path in any case.
  var namesSocket = true
  /// The segment's path within the test's directory.
  var segment = "segment"
}
