internal import SessionWire

extension LocalSessions {
  nonisolated(nonsending) public func get<Value: Decodable>(
    _ session: String, _ key: String, as type: Value.Type = Value.self
  ) async throws -> Value? {
    try await read(session, key, type, sliding: true)
  }

  nonisolated(nonsending) public func get<Value: Decodable>(
    _ session: String, as type: Value.Type = SessionValue.Object.self
  ) async throws -> Value? {
    try await read(session, nil, type, sliding: true)
  }

  nonisolated(nonsending) public func peek<Value: Decodable>(
    _ session: String, _ key: String, as type: Value.Type = Value.self
  ) async throws -> Value? {
    try await read(session, key, type, sliding: false)
  }

  nonisolated(nonsending) public func peek<Value: Decodable>(
    _ session: String, as type: Value.Type = SessionValue.Object.self
  ) async throws -> Value? {
    try await read(session, nil, type, sliding: false)
  }

  nonisolated(nonsending) public func getMany<Value: Decodable>(
    _ session: String, _ keys: [String], as type: Value.Type = SessionValue.Object.self
  ) async throws -> Value? {
    let json = try await call { table throws(SessionError) in try table.getMany(session, keys) }
    return try json.map { json in try ValueCoding.decode(type, from: json) }
  }

  nonisolated(nonsending) public func withJSON<Result>(
    _ session: String, _ key: String, _ body: (Span<UInt8>) throws -> Result
  ) async throws -> Result? {
    try await call { table throws(SessionError) in try table.get(session, key, sliding: true) }
      .map { try body($0.span) }
  }

  nonisolated(nonsending) public func exists(_ session: String) async throws -> Bool {
    try await ttl(session) != nil
  }

  nonisolated(nonsending) public func ttl(_ session: String) async throws -> Duration? {
    try await call { table throws(SessionError) in table.remaining(try Name(session: session)) }
      .map { ReplyLine.duration(nanoseconds: $0) }
  }

  nonisolated(nonsending) public func info<Value: Decodable>(
    _ session: String, as type: Value.Type = SessionInfo.self
  ) async throws -> Value? {
    try await call { table throws(SessionError) in table.information(try Name(session: session)) }
      .map { try ValueCoding.decode(type, from: $0) }
  }

  nonisolated(nonsending) public func snapshot(_ session: String) async throws -> SessionSnapshot? {
    try await call { table throws(SessionError) in try table.snapshot(try Name(session: session)) }
      .map { try SessionSnapshot(version: $0.version, json: $0.json) }
  }

  nonisolated(nonsending) private func read<Value: Decodable>(
    _ session: String, _ key: String?, _ type: Value.Type, sliding: Bool
  ) async throws -> Value? {
    try await call { table throws(SessionError) in try table.get(session, key, sliding: sliding) }
      .map { try ValueCoding.decode(type, from: $0) }
  }
}

extension LocalTable {
  /// GET and PEEK: JSON text.
  fileprivate mutating func get(
    _ session: String, _ key: String?, sliding: Bool
  ) throws(SessionError) -> [UInt8]? {
    let id = try Name(session: session)
    guard let key else { return read(id, sliding: sliding)?.json() }
    let name = try Name(key: key)
    return read(id, sliding: sliding)?.fields[name.text]
  }

  /// MGET: JSON text.
  fileprivate mutating func getMany(_ session: String, _ keys: [String]) throws(SessionError) -> [UInt8]? {
    let id = try Name(session: session)
    try Self.check(words: keys.count)
    var names: Set<Name> = []
    for key in keys { names.insert(try Name(key: key)) }
    return read(id, sliding: true)?.json(names)
  }
}
