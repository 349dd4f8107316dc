internal import SessionWire

extension LocalSessions {
  nonisolated(nonsending) public func create<Value: Encodable>(
    fieldsOf value: Value, ttl timeToLive: Duration? = nil
  ) async throws -> String {
    let edits = try LocalEdits(fieldsOf: ValueCoding.encode(value))
    return try await call { table throws(SessionError) in
      let idle: Int64? = if let timeToLive { try RequestWriter.nanoseconds(timeToLive) } else { nil }
      return try table.create(edits, idle: idle).text
    }
  }

  @discardableResult
  nonisolated(nonsending) public func rename(
    _ session: String, to newID: String? = nil, grace: Duration? = nil
  ) async throws -> String? {
    try await call { table throws(SessionError) in
      let id = try Name(session: session)
      let newName: Name? = if let newID { try Name(session: newID) } else { nil }
      let nanoseconds: Int64? = if let grace { try RequestWriter.nanoseconds(grace) } else { nil }
      return try table.rename(id, to: newName, grace: nanoseconds)?.text
    }
  }

  @discardableResult
  nonisolated(nonsending) public func revoke(_ sessions: [String]) async throws -> Int {
    if sessions.isEmpty { return 0 }
    return try await call { table throws(SessionError) in try table.revoke(Name.sessions(sessions)) }
  }

  @discardableResult
  nonisolated(nonsending) public func revokeAll(tagged tag: String) async throws -> Int {
    try await call { table throws(SessionError) in table.revokeAll(tag: try Name(tag: tag)) }
  }

  @discardableResult
  nonisolated(nonsending) public func tag(_ session: String, _ tags: [String]) async throws -> Int? {
    try await call { table throws(SessionError) in
      let id = try Name(session: session)
      for tag in tags { _ = try Name(tag: tag) }
      return try table.addTags(id, tags)
    }
  }

  @discardableResult
  nonisolated(nonsending) public func untag(_ session: String, _ tags: [String]) async throws -> Int? {
    try await call { table throws(SessionError) in
      let id = try Name(session: session)
      for tag in tags { _ = try Name(tag: tag) }
      return try table.removeTags(id, tags)
    }
  }

  nonisolated(nonsending) public func tagged(
    _ tag: String, after last: String? = nil, limit: Int = 100
  ) async throws -> [String] {
    try await call { table throws(SessionError) in
      let after: Name? = if let last { try Name(session: last) } else { nil }
      return try table.list(tag: Name(tag: tag), after: after, limit: limit)
    }
  }
}
