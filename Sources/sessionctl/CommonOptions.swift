import ArgumentParser
import SessionClient

/// What every command understands.
struct CommonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The daemon's socket. Without it: $SESSIOND_SOCKET, else the first of $XDG_RUNTIME_DIR/sessiond.sock, /run/sessiond.sock and /tmp/sessiond-UID/sessiond.sock.",
      valueName: "path"))
  var socket: String?

  @Flag(help: "Print JSON, for programs.")
  var json = false

  @Option(help: ArgumentHelp("How long to wait for the daemon's answer.", valueName: "seconds"))
  var timeout: Double = 5

  func validate() throws {
    guard timeout > 0, timeout <= 86_400 else {
      throw ValidationError("--timeout takes more than 0 and at most 86400 seconds.")
    }
  }

  /// A person wants to know at once that no daemon runs: there is one attempt to connect, with a moment
  /// for a daemon that restarts just now. For a request or two it is not worth mapping the segment.
  func client() -> SessionClient {
    SessionClient(
      socket: socket,
      options: .init(
        requestTimeout: .seconds(timeout), reconnectPatience: .milliseconds(200), mapping: .off))
  }
}
