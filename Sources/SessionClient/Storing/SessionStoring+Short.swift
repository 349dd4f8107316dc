/// The calls without what is seldom needed.
extension SessionStoring {
  /// The value of one key, as the type that is wanted. Slides the time to live.
  nonisolated(nonsending) public func get<Value: Decodable>(
    _ session: String, _ key: String
  ) async throws -> Value? {
    try await get(session, key, as: Value.self)
  }

  /// The whole session, its keys in the order in which they were first set. Slides the time to live.
  nonisolated(nonsending) public func get(_ session: String) async throws -> SessionValue.Object? {
    try await get(session, as: SessionValue.Object.self)
  }

  /// The value of one key, without sliding the time to live.
  nonisolated(nonsending) public func peek<Value: Decodable>(
    _ session: String, _ key: String
  ) async throws -> Value? {
    try await peek(session, key, as: Value.self)
  }

  /// The whole session, without sliding the time to live.
  nonisolated(nonsending) public func peek(_ session: String) async throws -> SessionValue.Object? {
    try await peek(session, as: SessionValue.Object.self)
  }

  /// The values of at most 1,024 keys at one moment, in the session's order. Slides the time to live.
  nonisolated(nonsending) public func getMany(
    _ session: String, _ keys: [String]
  ) async throws -> SessionValue.Object? {
    try await getMany(session, keys, as: SessionValue.Object.self)
  }

  /// What is known about a session besides its values. Does not slide the time to live.
  nonisolated(nonsending) public func info(_ session: String) async throws -> SessionInfo? {
    try await info(session, as: SessionInfo.self)
  }

  /// Sets one key, and begins the session where there is none. Slides the time to live.
  @discardableResult
  nonisolated(nonsending) public func set<Value: Encodable>(
    _ session: String, _ key: String, _ value: Value, ifVersion version: Int? = nil
  ) async throws -> Int {
    try await set(session, key, value, ifVersion: version, ttl: nil)
  }

  /// Sets one key, with an idle time of the session's own. Slides the time to live.
  @discardableResult
  nonisolated(nonsending) public func set<Value: Encodable>(
    _ session: String, _ key: String, _ value: Value, ttl timeToLive: Duration?
  ) async throws -> Int {
    try await set(session, key, value, ifVersion: nil, ttl: timeToLive)
  }

  /// Sets one key to a JSON value, which may be written as a literal: `["a", 1, true]`. Slides the time to
  /// live.
  @discardableResult
  nonisolated(nonsending) public func set(
    _ session: String, _ key: String, _ value: SessionValue, ifVersion version: Int? = nil,
    ttl timeToLive: Duration? = nil
  ) async throws -> Int {
    try await setAny(session, key, value, version, timeToLive)
  }

  /// In here only the call that takes values of any type fits.
  nonisolated(nonsending) private func setAny<Value: Encodable>(
    _ session: String, _ key: String, _ value: Value, _ version: Int?, _ timeToLive: Duration?
  ) async throws -> Int {
    try await set(session, key, value, ifVersion: version, ttl: timeToLive)
  }

  /// Sets several keys in one step, all or none, and begins the session where there is none. Slides the time to
  /// live.
  ///
  ///     try await sessions.setMany("s1", ["key1": "value1", "key2": 42, "key3": true])
  @discardableResult
  nonisolated(nonsending) public func setMany(
    _ session: String, _ values: SessionValue.Object, removing keys: [String] = [],
    ifVersion version: Int? = nil, ttl timeToLive: Duration? = nil
  ) async throws -> Int {
    try await setMany(session, fieldsOf: values, removing: keys, ifVersion: version, ttl: timeToLive)
  }

  /// Sets a key for each property of a value, in one step. Slides the time to live.
  @discardableResult
  nonisolated(nonsending) public func setMany<Value: Encodable>(
    _ session: String, fieldsOf value: Value, ifVersion version: Int? = nil, ttl timeToLive: Duration? = nil
  ) async throws -> Int {
    try await setMany(session, fieldsOf: value, removing: [], ifVersion: version, ttl: timeToLive)
  }

  /// Adds 1 to a whole number, which starts at 0. Slides the time to live.
  @discardableResult
  nonisolated(nonsending) public func increment(_ session: String, _ key: String) async throws -> Int {
    try await increment(session, key, by: 1)
  }

  /// Slides the time to live of a session, and does nothing else.
  ///
  /// - Returns: whether there is such a session.
  @discardableResult
  nonisolated(nonsending) public func touch(_ session: String) async throws -> Bool {
    try await touch([session]) > 0
  }

  /// Begins a session under a new random id.
  ///
  /// - Returns: the id.
  nonisolated(nonsending) public func create(
    _ values: SessionValue.Object = [:], ttl timeToLive: Duration? = nil
  ) async throws -> String {
    try await create(fieldsOf: values, ttl: timeToLive)
  }

  /// Moves a session to a random id.
  ///
  /// - Returns: the new id; nothing where there is no such session.
  @discardableResult
  nonisolated(nonsending) public func rename(
    _ session: String, grace: Duration? = nil
  ) async throws -> String? {
    try await rename(session, to: nil, grace: grace)
  }

  /// Ends a session for good: late writes throw `SessionError.revoked`.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  nonisolated(nonsending) public func revoke(_ session: String) async throws -> Bool {
    try await revoke([session]) > 0
  }

  /// The first page of the sessions that bear a tag.
  nonisolated(nonsending) public func tagged(_ tag: String) async throws -> [String] {
    try await tagged(tag, after: nil, limit: 100)
  }

  /// A session with all that belongs to it. Slides nothing.
  nonisolated(nonsending) public func dump(_ session: String) async throws -> SessionDump? {
    try await dump(session, as: SessionDump.self)
  }

  /// What happens to these sessions.
  public func events(of sessions: String...) -> SessionEvents { events(of: sessions, since: nil) }

  /// What happens to all sessions. For the role admin.
  public func events() -> SessionEvents { events(since: nil) }
}
