extension LocalSessions {
  nonisolated(nonsending) public func why(_ session: String) async throws -> SessionEnd? {
    try await call { table throws(SessionError) in table.end(of: try Name(session: session)) }
  }

  nonisolated(nonsending) public func dump<Value: Decodable>(
    _ session: String, as type: Value.Type = SessionDump.self
  ) async throws -> Value? {
    try await call { table throws(SessionError) in table.dump(try Name(session: session)) }
      .map { try ValueCoding.decode(type, from: $0) }
  }

  @discardableResult
  nonisolated(nonsending) public func restore<Dump: Encodable>(_ dump: Dump) async throws -> Int {
    let json = try ValueCoding.encode(dump)
    return try await call { table throws(SessionError) in try table.restore(json) }
  }

  nonisolated(nonsending) public func list(
    prefix: String? = nil, after next: String? = nil, limit: Int = 100
  ) async throws -> SessionPage {
    try await call { table throws(SessionError) in
      let after: Name? = if let next { try Name(session: next) } else { nil }
      return try table.list(prefix: prefix ?? "", after: after, limit: limit)
    }
  }

  @discardableResult
  nonisolated(nonsending) public func flush() async throws -> Int {
    try await call { table throws(SessionError) in table.removeAll() }
  }

  public func events(of sessions: [String], since sequence: Int? = nil) -> SessionEvents {
    SessionEvents { LocalEventSource(self, sessions, since: sequence) }
  }

  public func events(since sequence: Int? = nil) -> SessionEvents {
    SessionEvents { LocalEventSource(self, nil, since: sequence) }
  }
}
