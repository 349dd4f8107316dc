import SessionClient

/// Why a command ends without success: its exit code, and one line for a person.
struct Failure: Error {
  let code: Outcome
  let message: String

  init(_ code: Outcome, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The failure that an error stands for; nothing for errors of the command line.
  init?(_ error: any Error) {
    switch error {
    case let failure as Failure:
      self = failure
    case SessionError.unavailable(let socket, let reason):
      self.init(.noDaemon, Self.howToStart(socket, reason))
    case let error as SessionError:
      switch error {
      case .invalidName, .invalidArgument, .encoding: self.init(.usage, error.description)
      default: self.init(.refused, error.description)
      }
    default:
      return nil
    }
  }

  static func noSession(_ session: String) -> Failure {
    Failure(.missing, "There is no session \(session).")
  }

  private static func howToStart(_ socket: String, _ reason: String) -> String {
    "No session daemon answers at \(socket) (\(reason)). Start one with: systemctl start sessiond, or: "
      + "sessiond --socket PATH, or in its source directory: make run"
  }
}
