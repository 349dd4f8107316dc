internal import SessionWire

extension SessionClient {
  /// Sets one key, and begins the session where there is none. Slides the time to live.
  ///
  /// - Parameters:
  ///   - value: anything that can be written as JSON. Dates are written as seconds since 1970.
  ///   - version: set only if the session has this version still; 0 means only if there is no such session.
  ///   - timeToLive: the session's own idle time from now on, 1 ms to 10 years. Without it the session keeps
  ///     the one it has, and a new session gets the daemon's.
  /// - Returns: the session's new version.
  /// - Throws: `SessionError.conflict` where the version is another; `.full`, `.tooLarge`, `.revoked`;
  ///   `.disconnected` where the reply was lost, for it is sent again only if `Options.repeatsLostSets` says so.
  @discardableResult
  nonisolated(nonsending) public func set<Value: Encodable>(
    _ session: String, _ key: String, _ value: Value, ifVersion version: Int? = nil,
    ttl timeToLive: Duration? = nil
  ) async throws -> Int {
    try await write(.set, session, key, try ValueCoding.encode(value), version, timeToLive)
  }

  /// Sets one key to a JSON value, which may be written as a literal: `["a", 1, true]`. Slides the time to
  /// live. Otherwise like `set` with any other value.
  @discardableResult
  nonisolated(nonsending) public func set(
    _ session: String, _ key: String, _ value: SessionValue, ifVersion version: Int? = nil,
    ttl timeToLive: Duration? = nil
  ) async throws -> Int {
    try await write(.set, session, key, value.json, version, timeToLive)
  }

  /// Sets several keys in one step, and removes others: all or nothing. Begins the session where there is none.
  /// Keys that are not named stay as they are. Slides the time to live.
  ///
  ///     try await sessions.setMany("s1", ["key1": "value1", "key2": 42, "key3": true])
  ///
  /// - Parameters:
  ///   - keys: the keys to remove. One that is among the values as well is set.
  ///   - version: set only if the session has this version still; 0 means only if there is no such session.
  ///   - timeToLive: the session's own idle time from now on, 1 ms to 10 years.
  /// - Returns: the session's new version.
  /// - Throws: `SessionError.conflict` where the version is another; `.full`, `.tooLarge`, `.revoked`;
  ///   `.disconnected` where the reply was lost, for it is sent again only if `Options.repeatsLostSets` says so.
  @discardableResult
  nonisolated(nonsending) public func setMany(
    _ session: String, _ values: SessionValue.Object, removing keys: [String] = [],
    ifVersion version: Int? = nil, ttl timeToLive: Duration? = nil
  ) async throws -> Int {
    try await write(
      .mset, session, nil, removing: keys, SessionValue.object(values).json, version, timeToLive)
  }

  /// Sets a key for each property of a value of yours, or for each entry of a dictionary, in one step. New keys
  /// come in alphabetical order.
  /// Slides the time to live. Otherwise like `setMany` with a literal.
  @discardableResult
  nonisolated(nonsending) public func setMany<Value: Encodable>(
    _ session: String, fieldsOf value: Value, removing keys: [String] = [], ifVersion version: Int? = nil,
    ttl timeToLive: Duration? = nil
  ) async throws -> Int {
    try await write(
      .mset, session, nil, removing: keys, try ValueCoding.encode(value), version, timeToLive)
  }

  /// Ends a session.
  ///
  /// - Returns: whether there was one. False as well where a copy of this very request, whose reply was
  ///   lost with its connection, had ended it.
  @discardableResult
  nonisolated(nonsending) public func delete(_ session: String) async throws -> Bool {
    try await delete(session, existing: []) > 0
  }

  /// Removes keys from a session, which stays even if no key is left. Slides the time to live. The daemon
  /// takes at most 1,024 keys; with none, nothing is asked of it.
  ///
  /// - Returns: how many of the keys there were; fewer where a copy of this very request, whose reply was
  ///   lost with its connection, had removed some. A key that somebody set between the two copies goes too.
  @discardableResult
  nonisolated(nonsending) public func delete(_ session: String, keys: [String]) async throws -> Int {
    // Without a key the request would end the session.
    if keys.isEmpty { return 0 }
    return try await delete(session, existing: keys)
  }

  /// Adds to a whole number, which starts at 0 where there is no such session or key. Slides the time to live.
  ///
  /// A request whose reply was lost is not sent again.
  ///
  /// - Returns: the new number.
  /// - Throws: `SessionError.type` where the value is no whole number, or the sum leaves the range of `Int`.
  @discardableResult
  nonisolated(nonsending) public func increment(
    _ session: String, _ key: String, by amount: Int = 1
  ) async throws -> Int {
    try await request(.incr, .never) { writer throws(RequestWriter.Refusal) in
      try writer.session(session)
      try writer.key(key)
      if amount != 1 { writer.number(amount) }
    }.value(Int.self)
  }

  nonisolated(nonsending) private func delete(_ session: String, existing keys: [String]) async throws -> Int
  {
    try await request(.del, .idempotentWrite) { writer throws(RequestWriter.Refusal) in
      try writer.session(session)
      for key in keys { try writer.key(key) }
    }.value(Int.self)
  }

  nonisolated(nonsending) private func write(
    _ command: Command, _ session: String, _ key: String?, removing keys: [String] = [], _ json: [UInt8],
    _ version: Int?, _ timeToLive: Duration?
  ) async throws -> Int {
    // Executed twice, a second copy with a version would meet the one that the first copy made.
    let isRepeatable = version == nil && engine.options.repeatsLostSets
    let repetition = isRepeatable ? Repetition.idempotentWrite : .never
    return try await request(command, repetition) { writer throws(RequestWriter.Refusal) in
      try writer.session(session)
      if let key { try writer.key(key) }
      if let version { try writer.ifVersion(version) }
      if let timeToLive { try writer.timeToLive(timeToLive) }
      for key in keys { try writer.drop(key) }
      try writer.value(json)
    }.value(Int.self)
  }
}
