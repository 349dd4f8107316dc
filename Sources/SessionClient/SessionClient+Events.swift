extension SessionClient {
  /// What happens to sessions: written, deleted, expired, evicted, renamed, revoked.
  ///
  ///     for try await event in sessions.events(of: "s1") {
  ///       if event.kind != .set { break }
  ///     }
  ///
  /// Each iteration takes a connection and a thread of its own, and keeps the client. It connects again by itself
  /// when the daemon was restarted, or closed the connection since the events were taken too slowly, and goes on
  /// behind the last event that came. The first connection is waited for as with any other call
  /// (`Options.reconnectPatience`), later ones for as long as it takes: no daemon, no events.
  ///
  /// - Parameters:
  ///   - sessions: 1 to 1,024 ids. The one of a session that is renamed to another is told as well as the new one.
  ///   - sequence: the number of the last event that is known; nothing: begin now. Events that the daemon has
  ///     forgotten, or never knew, are made up for by one of the kind `.missed`.
  /// - Returns: a sequence that throws `SessionError.invalidName` and `.tooLarge` for ids that can't be watched,
  ///   and what `SessionEvents` says.
  public func events(of sessions: [String], since sequence: Int? = nil) -> SessionEvents {
    SessionEvents { SocketEventSource(self, sessions, since: sequence) }
  }

  /// What happens to these sessions.
  public func events(of sessions: String...) -> SessionEvents { events(of: sessions, since: nil) }

  /// What happens to all sessions. For the role admin: others get `SessionError.denied`.
  public func events(since sequence: Int? = nil) -> SessionEvents {
    SessionEvents { SocketEventSource(self, nil, since: sequence) }
  }
}
