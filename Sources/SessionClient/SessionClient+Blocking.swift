internal import SessionWire

extension SessionClient {
  /// The reads for code that is not async.
  ///
  ///     func render(_ page: Page, for session: String) throws -> String {
  ///       let theme: String? = try sessions.blocking.get(session, "theme")
  ///       return page.text(theme: theme ?? "light")
  ///     }
  ///
  /// What the mapping answers takes no longer than any other function call. Where the daemon must be asked
  /// the calling thread sleeps until its reply is there, for `Options.requestTimeout` at most: in async code,
  /// whose threads are few, call the functions of `SessionClient` itself.
  @inlinable
  public var blocking: Blocking { Blocking(client: self) }

  /// Reads that block the calling thread where the daemon must be asked. They throw `SessionError` alone.
  public struct Blocking: Sendable {
    @usableFromInline let client: SessionClient

    @inlinable
    init(client: SessionClient) {
      self.client = client
    }
  }
}

extension SessionClient.Blocking {
  /// The value of one key. Slides the time to live.
  ///
  /// - Returns: nothing where there is no such session or no such key.
  /// - Throws: `SessionError.decoding` where the value is not of the type asked for.
  public func get<Value: Decodable>(
    _ session: String, _ key: String, as type: Value.Type = Value.self
  ) throws(SessionError) -> Value? {
    let plain = try client.mappedValue(session, key, PlainValue.Kind(type), sliding: true)
    if !plain.isUnknown { return try ValueCoding.value(plain, as: type) }
    return try client.requestBlocking(.get, session, key, as: type)
  }

  /// The whole session, its keys in the order in which they were first set; or as a type of yours, with a
  /// property for each key. Slides the time to live.
  ///
  /// - Returns: nothing where there is no such session.
  /// - Throws: `SessionError.decoding` where the session does not fit the type.
  public func get<Value: Decodable>(
    _ session: String, as type: Value.Type = SessionValue.Object.self
  ) throws(SessionError) -> Value? {
    var answer = MappedAnswer.unknown
    let value = try client.mappedObject(session, nil, type, sliding: true, &answer)
    if answer != .unknown { return value }
    return try client.requestBlocking(.get, .read, naming(session)).optional(type)
  }

  /// The value of one key, without sliding the time to live: for health checks, polling and support.
  ///
  /// - Returns: nothing where there is no such session or no such key.
  /// - Throws: `SessionError.decoding` where the value is not of the type asked for.
  public func peek<Value: Decodable>(
    _ session: String, _ key: String, as type: Value.Type = Value.self
  ) throws(SessionError) -> Value? {
    let plain = try client.mappedValue(session, key, PlainValue.Kind(type), sliding: false)
    if !plain.isUnknown { return try ValueCoding.value(plain, as: type) }
    return try client.requestBlocking(.peek, session, key, as: type)
  }

  /// The whole session, or as a type of yours, without sliding the time to live.
  ///
  /// - Returns: nothing where there is no such session.
  /// - Throws: `SessionError.decoding` where the session does not fit the type.
  public func peek<Value: Decodable>(
    _ session: String, as type: Value.Type = SessionValue.Object.self
  ) throws(SessionError) -> Value? {
    var answer = MappedAnswer.unknown
    let value = try client.mappedObject(session, nil, type, sliding: false, &answer)
    if answer != .unknown { return value }
    return try client.requestBlocking(.peek, .read, naming(session)).optional(type)
  }

  /// The values of several keys at one moment, or as a type of yours, for example `[String: Int]`; keys that
  /// the session does not have are left out. Slides the time to live. The daemon takes at most 1,024 keys.
  ///
  /// - Returns: nothing where there is no such session.
  /// - Throws: `SessionError.decoding` where the values do not fit the type.
  public func getMany<Value: Decodable>(
    _ session: String, _ keys: [String], as type: Value.Type = SessionValue.Object.self
  ) throws(SessionError) -> Value? {
    if keys.isEmpty {
      // The protocol asks for one key at least; TOUCH slides the time to live just as well.
      let line = try SessionClient.line(.touch, naming(session))
      let reply = try client.engine.performBlocking(line, .idempotentWrite)
      let isThere = if let count = try reply.touched() { count > 0 } else { try exists(session) }
      return isThere ? try ValueCoding.decode(type, from: Array("{}".utf8)) : nil
    }
    var answer = MappedAnswer.unknown
    let value = try client.mappedObject(session, keys, type, sliding: true, &answer)
    if answer != .unknown { return value }
    return try client.requestBlocking(.mget, .read, naming(session, keys)).optional(type)
  }

  /// The value of one key as the bytes of its JSON text, which are there for as long as `body` runs: the
  /// quickest way to read. Slides the time to live.
  ///
  /// - Returns: what `body` returns; nothing where there is no such session or no such key.
  /// - Throws: also what `body` throws.
  @inlinable
  public func withJSON<Result>(
    _ session: String, _ key: String, _ body: (Span<UInt8>) throws -> Result
  ) throws -> Result? {
    var result: Result?
    var failure: (any Error)?
    let answer = try client.readMappedJSON(session, key) { json in
      do {
        result = try body(json)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    if answer != .unknown { return result }
    return try client.requestJSONBlocking(session, key).map { try body($0.span) }
  }

  /// Whether there is such a session. Does not slide the time to live.
  public func exists(_ session: String) throws(SessionError) -> Bool {
    if client.remainingMapped(session) != nil { return true }
    return try client.requestBlocking(.exists, .read, naming(session)).value(Bool.self)
  }

  /// How long the session has left if nobody uses it. Does not slide the time to live.
  ///
  /// - Returns: nothing where there is no such session.
  public func ttl(_ session: String) throws(SessionError) -> Duration? {
    if let remaining = client.remainingMapped(session) { return ReplyLine.duration(nanoseconds: remaining) }
    return try client.requestBlocking(.ttl, .read, naming(session)).duration()
  }
}
