extension SessionError: CustomStringConvertible {
  /// What happened and what to do about it.
  public var description: String {
    switch self {
    case .conflict(0):
      "There is no such session any more, or not yet. Read it again and decide anew."
    case .conflict(let version):
      "The session was changed meanwhile and is at version \(version). Read it again and repeat the change."
    case .full(let text):
      "The cache is full\(detail(text)). Raise --max-memory, or let sessions expire sooner."
    case .denied(let text):
      "This user may not do that\(detail(text)). Ask as a user whom the daemon's settings give that role."
    case .tooLarge(let text):
      "That is over a limit of the daemon\(detail(text)). Store less, or raise --max-line and --max-session."
    case .badJSON(let text):
      "The daemon takes the value for no JSON\(detail(text)). Check the value."
    case .type(let text):
      "The value can't be counted with\(detail(text)). Set the key to a whole number first."
    case .revoked(let text):
      "The id is closed, since its session was revoked or renamed\(detail(text)). Begin one under a new id."
    case .limit(let text):
      "The daemon takes no more connections\(detail(text)). Share one client, or raise --max-connections."
    case .storeUnavailable(let text):
      "The daemon can't reach its store\(detail(text)). "
        + (mayHaveBeenApplied ? Self.advice(true) : "Try again later; the session may well exist.")
    case .stopping(let text):
      "The daemon is shutting down\(detail(text)). Try again in a moment."
    case .syntax(let text):
      "The daemon does not understand the request\(detail(text)). Check that client and daemon fit together."
    case .unknownCommand(let text):
      "The daemon does not know the command\(detail(text)). Update the daemon."
    case .refused(let code, let text):
      "The daemon refused with the code \(code)\(detail(text)). Update this client to learn what it means."
    case .unavailable(let socket, let reason):
      "No session daemon at \(socket)\(detail(reason)). Start it, or name its socket in SESSIOND_SOCKET."
    case .disconnected(let applied):
      "The connection was lost before the reply came. \(Self.advice(applied))"
    case .timedOut(let applied):
      "The daemon did not answer in time. \(Self.advice(applied))"
    case .protocolViolation(let what, let applied):
      "What answers on the socket does not speak the protocol\(detail(what)). \(Self.advice(applied))"
    case .closed:
      "The client is closed. Make a new one."
    case .tooManyRequests(let limit):
      "\(limit) requests wait for their replies already. Send fewer at once; this one was not sent."
    case .invalidName(let text), .invalidArgument(let text):
      "\(text) Nothing was sent."
    case .encoding(let text):
      "The value can't be written as JSON\(detail(text)). Nothing was sent."
    case .decoding(let text):
      "The stored value is of another kind than asked for\(detail(text)). Read it as SessionValue to see it."
    }
  }

  private func detail(_ text: String) -> String {
    text.isEmpty ? "" : ": \(text)"
  }

  private static func advice(_ mayHaveBeenApplied: Bool) -> String {
    mayHaveBeenApplied
      ? "The change may have been applied; read before you repeat it."
      : "Nothing was changed; it is safe to try again."
  }
}
