internal import SessionWire

/// Why a request did not do what was asked.
///
/// An outage is never to be taken for a logout: a session that does not exist is a `nil` result, and only
/// the errors here say that nobody knows.
public enum SessionError: Error, Equatable, Sendable {
  // The daemon answered, and executed nothing as a rule.

  /// `ifVersion:` named another version than the session has. 0 means that there is no such session.
  case conflict(currentVersion: Int)
  /// The cache is full and may not push anything out.
  case full(String)
  /// This program's user may not do that.
  case denied(String)
  /// The value, the session or the list of names is over the daemon's limit.
  case tooLarge(String)
  /// The daemon takes the value for no JSON.
  case badJSON(String)
  /// The value is nothing to count with, or the sum leaves the range of 64-bit integers.
  case type(String)
  /// The session was revoked, or goes on under another id, and this one is closed for a while.
  case revoked(String)
  /// The daemon has as many connections as it takes, of everybody or of this user.
  case limit(String)
  /// The store behind the cache is away, so nobody knows whether there is such a session. A change was not made, or, if
  /// the store was lost amid it, may have been (`mayHaveBeenApplied`).
  case storeUnavailable(String)
  /// The daemon is shutting down, and so were those that followed it.
  case stopping(String)
  /// The daemon takes the request for malformed.
  case syntax(String)
  /// The daemon does not know the command: it is older than this library.
  case unknownCommand(String)
  /// A code that this library does not know: it is older than the daemon.
  case refused(code: String, String)

  // The daemon could not be asked, or did not answer.

  /// No connection within `reconnectPatience`. Nothing was executed. `socket` says where it was sought.
  case unavailable(socket: String, reason: String)
  /// The connection was lost before the reply came.
  case disconnected(mayHaveBeenApplied: Bool)
  /// The reply did not come within `requestTimeout`. It may have been applied, or be applied yet.
  case timedOut(mayHaveBeenApplied: Bool)
  /// The other side does not speak the protocol, or sent a reply over the bound. The connection was given up.
  case protocolViolation(String, mayHaveBeenApplied: Bool)
  /// The client was closed.
  case closed
  /// So many requests wait for their replies that no more are taken. This one was not sent.
  case tooManyRequests(limit: Int)

  // Nothing was sent.

  /// A session id, key or prefix that the protocol does not allow.
  case invalidName(String)
  /// A version, time to live, number of an event or value that is out of range.
  case invalidArgument(String)
  /// The value can't be written as JSON.
  case encoding(String)

  // It was executed, but the answer is of another kind.

  /// The stored value is there, but is not of the type asked for.
  case decoding(String)
}

extension SessionError {
  /// Whether the change may have happened in spite of the error. False means that it certainly did not.
  public var mayHaveBeenApplied: Bool {
    switch self {
    case .disconnected(let applied), .timedOut(let applied), .protocolViolation(_, let applied): applied
    case .storeUnavailable(let text): text.hasSuffix(ErrorCode.undecidedMark)
    case .decoding: true
    default: false
    }
  }

  /// The error that a reply stands for.
  init(_ code: ErrorCode, _ text: String, conflictVersion: Int?) {
    switch code {
    case .conflict:
      if let conflictVersion {
        self = .conflict(currentVersion: conflictVersion)
      } else {
        self = .protocolViolation("a conflict without a version: \(text)", mayHaveBeenApplied: false)
      }
    case .full: self = .full(text)
    case .denied: self = .denied(text)
    case .tooLarge: self = .tooLarge(text)
    case .badJSON: self = .badJSON(text)
    case .type: self = .type(text)
    case .revoked: self = .revoked(text)
    case .limit: self = .limit(text)
    case .unavailable: self = .storeUnavailable(text)
    case .stopping: self = .stopping(text)
    case .syntax: self = .syntax(text)
    case .unknown: self = .unknownCommand(text)
    default: self = .refused(code: code.rawValue, text)
    }
  }

  /// The error that the daemon's refusal would have become.
  init(_ error: RequestError) {
    self.init(error.code, error.text, conflictVersion: nil)
  }

  init(_ refusal: RequestWriter.Refusal) {
    switch refusal {
    case .empty, .tooLong, .controlCharacter: self = .invalidName(refusal.description)
    case .negativeVersion, .timeToLiveOutOfRange, .emptyValue, .lineBreakInString:
      self = .invalidArgument(refusal.description)
    }
  }
}
