internal import SessionWire

extension SessionClient {
  /// Gives a session tags, 64 at most, each 1 to 255 bytes of UTF-8 without control characters. They stay with
  /// it whatever is written, and go on under a new id with it. Slides the time to live.
  ///
  ///     try await sessions.tag(id, ["user:42"])
  ///
  /// A request whose reply was lost is not sent again: somebody may have taken the tag away since.
  ///
  /// - Returns: how many of them it did not bear before; nothing where there is no such session.
  /// - Throws: `SessionError.tooLarge` beyond 64; `.revoked`, `.full`.
  @discardableResult
  nonisolated(nonsending) public func tag(_ session: String, _ tags: [String]) async throws -> Int? {
    try await change(.tag, session, tags)
  }

  /// Takes tags from a session. Slides the time to live. A request whose reply was lost is not sent again.
  ///
  /// - Returns: how many of them it bore; nothing where there is no such session.
  /// - Throws: `SessionError.revoked`.
  @discardableResult
  nonisolated(nonsending) public func untag(_ session: String, _ tags: [String]) async throws -> Int? {
    try await change(.untag, session, tags)
  }

  nonisolated(nonsending) private func change(
    _ command: Command, _ session: String, _ tags: [String]
  ) async throws -> Int? {
    try await request(command, .never) { writer throws(RequestWriter.Refusal) in
      try writer.session(session)
      for tag in tags { try writer.tag(tag) }
    }.optional(Int.self)
  }

  /// One page of the sessions that bear a tag, in no meaningful order. Slides nothing.
  ///
  /// A page with as many ids as the limit may have a next one. A session that bears the tag all the while is
  /// listed exactly once.
  ///
  /// - Parameters:
  ///   - last: the last id of the page before.
  ///   - limit: 1 to 1,000 ids.
  nonisolated(nonsending) public func tagged(
    _ tag: String, after last: String? = nil, limit: Int = 100
  ) async throws -> [String] {
    try await request(.tagged, .read) { writer throws(RequestWriter.Refusal) in
      try writer.tag(tag)
      if let last { try writer.after(last) }
      writer.limit(limit)
    }.value([String].self)
  }
}
