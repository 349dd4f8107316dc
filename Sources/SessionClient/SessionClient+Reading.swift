internal import SessionWire

extension SessionClient {
  /// The value of one key. Slides the time to live.
  ///
  ///     let theme: String? = try await sessions.get("s1", "theme")
  ///
  /// - Returns: nothing where there is no such session or no such key.
  /// - Throws: `SessionError.decoding` where the value is not of the type asked for.
  nonisolated(nonsending) public func get<Value: Decodable>(
    _ session: String, _ key: String, as type: Value.Type = Value.self
  ) async throws -> Value? {
    try await read(.get, session, key).optional(type)
  }

  /// The whole session, its keys in the order in which they were first set; or as a type of yours, with a
  /// property for each key. Slides the time to live.
  ///
  /// - Returns: nothing where there is no such session.
  /// - Throws: `SessionError.decoding` where the session does not fit the type.
  nonisolated(nonsending) public func get<Value: Decodable>(
    _ session: String, as type: Value.Type = SessionValue.Object.self
  ) async throws -> Value? {
    try await read(.get, session, nil).optional(type)
  }

  /// The value of one key, without sliding the time to live: for health checks, polling and support.
  ///
  /// - Returns: nothing where there is no such session or no such key.
  /// - Throws: `SessionError.decoding` where the value is not of the type asked for.
  nonisolated(nonsending) public func peek<Value: Decodable>(
    _ session: String, _ key: String, as type: Value.Type = Value.self
  ) async throws -> Value? {
    try await read(.peek, session, key).optional(type)
  }

  /// The whole session, or as a type of yours, without sliding the time to live.
  ///
  /// - Returns: nothing where there is no such session.
  /// - Throws: `SessionError.decoding` where the session does not fit the type.
  nonisolated(nonsending) public func peek<Value: Decodable>(
    _ session: String, as type: Value.Type = SessionValue.Object.self
  ) async throws -> Value? {
    try await read(.peek, session, nil).optional(type)
  }

  /// The values of several keys at one moment, or as a type of yours, for example `[String: Int]`; keys that
  /// the session does not have are left out. Slides the time to live. The daemon takes at most 1,024 keys.
  ///
  /// - Returns: nothing where there is no such session.
  /// - Throws: `SessionError.decoding` where the values do not fit the type.
  nonisolated(nonsending) public func getMany<Value: Decodable>(
    _ session: String, _ keys: [String], as type: Value.Type = SessionValue.Object.self
  ) async throws -> Value? {
    if keys.isEmpty {
      // The protocol asks for one key at least; TOUCH slides the time to live just as well.
      return try await touch([session]) == 0 ? nil : ValueCoding.decode(type, from: Array("{}".utf8))
    }
    let reply = try await request(.mget, .read) { writer throws(RequestWriter.Refusal) in
      try writer.session(session)
      for key in keys { try writer.key(key) }
    }
    return try reply.optional(type)
  }

  /// Whether there is such a session. Does not slide the time to live.
  nonisolated(nonsending) public func exists(_ session: String) async throws -> Bool {
    try await request(.exists, .read) { writer throws(RequestWriter.Refusal) in
      try writer.session(session)
    }.value(Bool.self)
  }

  /// What the daemon knows about a session besides its values; or as a type of yours, such as `SessionJSON`
  /// for the text as it came. Does not slide the time to live.
  ///
  /// - Returns: nothing where there is no such session.
  nonisolated(nonsending) public func info<Value: Decodable>(
    _ session: String, as type: Value.Type = SessionInfo.self
  ) async throws -> Value? {
    try await request(.info, .read) { writer throws(RequestWriter.Refusal) in
      try writer.session(session)
    }.optional(type)
  }

  nonisolated(nonsending) private func read(
    _ command: Command, _ session: String, _ key: String?
  ) async throws -> ReplyLine {
    try await request(command, .read) { writer throws(RequestWriter.Refusal) in
      try writer.session(session)
      if let key { try writer.key(key) }
    }
  }
}
