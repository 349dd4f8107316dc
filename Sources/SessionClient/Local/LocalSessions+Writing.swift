internal import SessionWire

extension LocalSessions {
  @discardableResult
  nonisolated(nonsending) public func set<Value: Encodable>(
    _ session: String, _ key: String, _ value: Value, ifVersion version: Int? = nil,
    ttl timeToLive: Duration? = nil
  ) async throws -> Int {
    let edits = try LocalEdits(key, ValueCoding.encode(value))
    return try await call { table throws(SessionError) in
      try table.write(Name(session: session), edits, version, timeToLive)
    }
  }

  @discardableResult
  nonisolated(nonsending) public func setMany<Value: Encodable>(
    _ session: String, fieldsOf value: Value, removing keys: [String] = [], ifVersion version: Int? = nil,
    ttl timeToLive: Duration? = nil
  ) async throws -> Int {
    let edits = try LocalEdits(removing: keys, fieldsOf: ValueCoding.encode(value))
    return try await call { table throws(SessionError) in
      try table.write(Name(session: session), edits, version, timeToLive)
    }
  }

  @discardableResult
  nonisolated(nonsending) public func delete(_ session: String) async throws -> Bool {
    try await call { table throws(SessionError) in try table.remove(Name(session: session)) }
  }

  @discardableResult
  nonisolated(nonsending) public func delete(_ session: String, keys: [String]) async throws -> Int {
    if keys.isEmpty { return 0 }
    return try await call { table throws(SessionError) in
      let id = try Name(session: session)
      for key in keys { _ = try Name(key: key) }
      return try table.removeKeys(id, keys)
    }
  }

  @discardableResult
  nonisolated(nonsending) public func increment(
    _ session: String, _ key: String, by amount: Int = 1
  ) async throws -> Int {
    try await call { table throws(SessionError) in
      try table.increment(Name(session: session), Name(key: key).text, by: amount)
    }
  }

  @discardableResult
  nonisolated(nonsending) public func expire(_ session: String, after timeToLive: Duration) async throws
    -> Bool
  {
    try await call { table throws(SessionError) in
      try table.setIdle(Name(session: session), RequestWriter.nanoseconds(timeToLive))
    }
  }

  @discardableResult
  nonisolated(nonsending) public func touch(_ sessions: [String]) async throws -> Int {
    if sessions.isEmpty { return 0 }
    return try await call { table throws(SessionError) in try table.touch(Name.sessions(sessions)) }
  }
}

extension LocalTable {
  fileprivate mutating func write(
    _ id: Name, _ edits: LocalEdits, _ version: Int?, _ timeToLive: Duration?
  ) throws(SessionError) -> Int {
    if let version, version < 0 { throw SessionError(RequestWriter.Refusal.negativeVersion(version)) }
    let idle: Int64? = if let timeToLive { try RequestWriter.nanoseconds(timeToLive) } else { nil }
    return try write(id, edits, ifVersion: version, idle: idle)
  }
}

extension Name {
  /// Session ids.
  static func sessions(_ texts: [String]) throws(SessionError) -> [Name] {
    var names: [Name] = []
    for text in texts { names.append(try Name(session: text)) }
    return names
  }
}

extension RequestWriter {
  /// A time to live as it goes over the wire: in whole milliseconds, rounded up.
  static func nanoseconds(_ timeToLive: Duration) throws(SessionError) -> Int64 {
    var writer = RequestWriter(.expire)
    do throws(Refusal) {
      try writer.seconds(timeToLive)
    } catch {
      throw SessionError(error)
    }
    let (milliseconds, rest) = timeToLive.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
    let isRounded = rest > 0 || timeToLive > .nanoseconds(timeToLive.nanoseconds)
    return (milliseconds + (isRounded ? 1 : 0)) * 1_000_000
  }
}
