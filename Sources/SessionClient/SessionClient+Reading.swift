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
    try Task.checkCancellation()
    let plain = try mappedValue(session, key, PlainValue.Kind(type), sliding: true)
    if !plain.isUnknown { return try ValueCoding.value(plain, as: type) }
    return try await request(.get, session, key, as: type)
  }

  /// The whole session, its keys in the order in which they were first set; or as a type of yours, with a
  /// property for each key. Slides the time to live.
  ///
  /// - Returns: nothing where there is no such session.
  /// - Throws: `SessionError.decoding` where the session does not fit the type.
  nonisolated(nonsending) public func get<Value: Decodable>(
    _ session: String, as type: Value.Type = SessionValue.Object.self
  ) async throws -> Value? {
    try Task.checkCancellation()
    var answer = MappedAnswer.unknown
    let value = try mappedObject(session, nil, type, sliding: true, &answer)
    if answer != .unknown { return value }
    return try await request(.get, .read, naming(session)).optional(type)
  }

  /// The value of one key, without sliding the time to live: for health checks, polling and support.
  ///
  /// - Returns: nothing where there is no such session or no such key.
  /// - Throws: `SessionError.decoding` where the value is not of the type asked for.
  nonisolated(nonsending) public func peek<Value: Decodable>(
    _ session: String, _ key: String, as type: Value.Type = Value.self
  ) async throws -> Value? {
    try Task.checkCancellation()
    let plain = try mappedValue(session, key, PlainValue.Kind(type), sliding: false)
    if !plain.isUnknown { return try ValueCoding.value(plain, as: type) }
    return try await request(.peek, session, key, as: type)
  }

  /// The whole session, or as a type of yours, without sliding the time to live.
  ///
  /// - Returns: nothing where there is no such session.
  /// - Throws: `SessionError.decoding` where the session does not fit the type.
  nonisolated(nonsending) public func peek<Value: Decodable>(
    _ session: String, as type: Value.Type = SessionValue.Object.self
  ) async throws -> Value? {
    try Task.checkCancellation()
    var answer = MappedAnswer.unknown
    let value = try mappedObject(session, nil, type, sliding: false, &answer)
    if answer != .unknown { return value }
    return try await request(.peek, .read, naming(session)).optional(type)
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
      let reply = try await engine.perform(try Self.line(.touch, naming(session)), .idempotentWrite)
      let isThere =
        if let count = try reply.touched() { count > 0 } else { try await exists(session) }
      return isThere ? try ValueCoding.decode(type, from: Array("{}".utf8)) : nil
    }
    try Task.checkCancellation()
    var answer = MappedAnswer.unknown
    let value = try mappedObject(session, keys, type, sliding: true, &answer)
    if answer != .unknown { return value }
    return try await request(.mget, .read, naming(session, keys)).optional(type)
  }

  /// The value of one key as the bytes of its JSON text, which are there for as long as `body` runs: the
  /// quickest way to read. Slides the time to live.
  ///
  ///     let bytes = try await sessions.withJSON("s1", "cart") { $0.count }
  ///
  /// - Returns: what `body` returns; nothing where there is no such session or no such key.
  /// - Throws: also what `body` throws.
  @inlinable
  nonisolated(nonsending) public func withJSON<Result>(
    _ session: String, _ key: String, _ body: (Span<UInt8>) throws -> Result
  ) async throws -> Result? {
    try Task.checkCancellation()
    var result: Result?
    var failure: (any Error)?
    let answer = try readMappedJSON(session, key) { json in
      do {
        result = try body(json)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    if answer != .unknown { return result }
    return try await requestJSON(session, key).map { try body($0.span) }
  }

  /// The values together with their version, from one moment: to change them with `ifVersion:`, as `update`
  /// does it. Does not slide the time to live.
  ///
  /// - Returns: nothing where there is no such session.
  /// - Throws: `SessionError.revoked` for an id that was renamed away and can only be read.
  nonisolated(nonsending) public func snapshot(_ session: String) async throws -> SessionSnapshot? {
    try Task.checkCancellation()
    if let found = mappedSnapshot(session) {
      return try SessionSnapshot(version: found.version, json: found.json)
    }
    for _ in 0..<2 {
      if let dump = try await dump(session) { return try SessionSnapshot(dump) }
      // An id that was renamed away can be read, and not dumped; or the session began just now.
      guard try await exists(session) else { return nil }
    }
    throw SessionError.revoked("it goes on under another id, and this one can only be read")
  }

  /// Whether there is such a session. Does not slide the time to live.
  nonisolated(nonsending) public func exists(_ session: String) async throws -> Bool {
    try Task.checkCancellation()
    if remainingMapped(session) != nil { return true }
    return try await request(.exists, .read, naming(session)).value(Bool.self)
  }

  /// What the daemon knows about a session besides its values; or as a type of yours, such as `SessionJSON`
  /// for the text as it came. Does not slide the time to live.
  ///
  /// - Returns: nothing where there is no such session.
  nonisolated(nonsending) public func info<Value: Decodable>(
    _ session: String, as type: Value.Type = SessionInfo.self
  ) async throws -> Value? {
    try await request(.info, .read, naming(session)).optional(type)
  }
}

/// Writes a session's id and the keys asked for into a request.
func naming(
  _ session: String, _ keys: String...
) -> (inout RequestWriter) throws(RequestWriter.Refusal) -> Void {
  naming(session, keys)
}

func naming(
  _ session: String, _ keys: [String]
) -> (inout RequestWriter) throws(RequestWriter.Refusal) -> Void {
  { writer throws(RequestWriter.Refusal) in
    try writer.session(session)
    for key in keys { try writer.key(key) }
  }
}
