internal import SessionWire

extension SessionClient {
  /// How long the session has left if nobody uses it. Does not slide the time to live.
  ///
  /// - Returns: nothing where there is no such session.
  nonisolated(nonsending) public func ttl(_ session: String) async throws -> Duration? {
    try Task.checkCancellation()
    if let remaining = remainingMapped(session) { return ReplyLine.duration(nanoseconds: remaining) }
    return try await request(.ttl, .read, naming(session)).duration()
  }

  /// Gives the session an idle time of its own, 1 ms to 10 years, which starts now.
  ///
  /// - Returns: whether there is such a session.
  @discardableResult
  nonisolated(nonsending) public func expire(_ session: String, after timeToLive: Duration) async throws
    -> Bool
  {
    try await request(.expire, .idempotentWrite) { writer throws(RequestWriter.Refusal) in
      try writer.session(session)
      try writer.seconds(timeToLive)
    }.value(Bool.self)
  }

  /// Slides the time to live of several sessions, and does nothing else. The daemon takes at most 1,024 ids;
  /// with none, nothing is asked of it.
  ///
  /// - Returns: how many of the sessions there are.
  @discardableResult
  nonisolated(nonsending) public func touch(_ sessions: [String]) async throws -> Int {
    if sessions.isEmpty { return 0 }
    return try await request(.touch, .idempotentWrite) { writer throws(RequestWriter.Refusal) in
      for session in sessions { try writer.session(session) }
    }.value(Int.self)
  }

  /// Slides the time to live of a session, and does nothing else.
  ///
  /// - Returns: whether there is such a session.
  @discardableResult
  nonisolated(nonsending) public func touch(_ session: String) async throws -> Bool {
    try await touch([session]) > 0
  }
}
