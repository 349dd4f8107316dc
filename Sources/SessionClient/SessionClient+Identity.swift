internal import SessionWire

extension SessionClient {
  /// Begins a session under a new random id: 22 characters that are safe in a URL, 128 bits of the kernel's
  /// random source.
  ///
  ///     let id = try await sessions.create(["cart": []], ttl: .seconds(1800))
  ///
  /// A request whose reply was lost is not sent again: there may be a session then whose id nobody knows, until
  /// its time is over.
  ///
  /// - Parameter timeToLive: the session's own idle time, 1 ms to 10 years; nothing: the daemon's.
  /// - Returns: the id.
  /// - Throws: `SessionError.full`, `.tooLarge`.
  nonisolated(nonsending) public func create(
    _ values: SessionValue.Object = [:], ttl timeToLive: Duration? = nil
  ) async throws -> String {
    try await create(json: SessionValue.object(values).json, timeToLive)
  }

  /// Begins a session with a key for each property of a value of yours. Otherwise like `create` with a literal.
  nonisolated(nonsending) public func create<Value: Encodable>(
    fieldsOf value: Value, ttl timeToLive: Duration? = nil
  ) async throws -> String {
    try await create(json: try ValueCoding.encode(value), timeToLive)
  }

  nonisolated(nonsending) private func create(json: [UInt8], _ timeToLive: Duration?) async throws -> String {
    try await request(.new, .never) { writer throws(RequestWriter.Refusal) in
      if let timeToLive { try writer.timeToLive(timeToLive) }
      try writer.value(json)
    }.value(String.self)
  }

  /// Moves a session to another id, at one moment for everybody: what is due at a log-in, so that an id that
  /// somebody foisted on a visitor is worth nothing afterwards (session fixation). Slides the time to live.
  ///
  ///     let id = try await sessions.rename(visitor, grace: .seconds(10))
  ///
  /// The old id is closed for as long as the session could have lived: reads find nothing, and writes throw
  /// `SessionError.revoked`. A request whose reply was lost is not sent again.
  ///
  /// - Parameters:
  ///   - newID: nothing: a random one, as `create` makes it.
  ///   - grace: for so long, 1 ms to 10 years, the old id can still be read, so that requests under way are not
  ///     logged out. Nothing: it is closed at once.
  /// - Returns: the new id; nothing where there is no such session.
  /// - Throws: `SessionError.conflict` where a session of the new id lives; `.revoked` where one of the two ids
  ///   is closed; `.full`, `.tooLarge`.
  @discardableResult
  nonisolated(nonsending) public func rename(
    _ session: String, to newID: String? = nil, grace: Duration? = nil
  ) async throws -> String? {
    try await request(.rename, .never) { writer throws(RequestWriter.Refusal) in
      try writer.session(session)
      if let newID { try writer.session(newID) }
      if let grace { try writer.grace(grace) }
    }.optional(String.self)
  }

  /// Ends sessions for good: their ids stay closed for as long as the sessions could have lived, and writes to
  /// them throw `SessionError.revoked`, so that a slow request can't undo a log-out. That holds for ids without a
  /// session, too. The daemon takes at most 1,024 ids; with none, nothing is asked of it.
  ///
  /// - Returns: how many sessions there were; fewer where a copy of this very request, whose reply was lost with
  ///   its connection, had ended some.
  /// - Throws: `SessionError.full` where there was no session, and there is no room for the mark.
  @discardableResult
  nonisolated(nonsending) public func revoke(_ sessions: [String]) async throws -> Int {
    if sessions.isEmpty { return 0 }
    return try await request(.revoke, .idempotentWrite) { writer throws(RequestWriter.Refusal) in
      for session in sessions { try writer.session(session) }
    }.value(Int.self)
  }

  /// Ends a session for good. Otherwise like `revoke` with several.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  nonisolated(nonsending) public func revoke(_ session: String) async throws -> Bool {
    try await revoke([session]) > 0
  }

  /// Revokes every session that bears a tag: "log this user out everywhere".
  ///
  /// A request whose reply was lost is not sent again: it would end what was begun since, by a log-in for
  /// example.
  ///
  /// - Returns: how many there were.
  @discardableResult
  nonisolated(nonsending) public func revokeAll(tagged tag: String) async throws -> Int {
    try await request(.revokeAll, .never) { writer throws(RequestWriter.Refusal) in try writer.tag(tag) }
      .value(Int.self)
  }
}
