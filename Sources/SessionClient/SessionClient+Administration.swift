internal import SessionWire

extension SessionClient {
  /// Asks the daemon for a sign of life.
  nonisolated(nonsending) public func ping() async throws {
    _ = try await request(.ping, .read).value(String.self)
  }

  /// Who answers: the daemon's name and version, the protocol's, and the role that this program has.
  nonisolated(nonsending) public func hello() async throws -> ServerHello {
    try await request(.hello, .read) { $0.number(1) }.value(ServerHello.self)
  }

  /// What the daemon counted since it started; or as a type of yours, such as `SessionJSON` for the text as
  /// it came. This program's own reads out of the mapping are counted in; those of others are after a second.
  nonisolated(nonsending) public func stats<Value: Decodable>(
    as type: Value.Type = ServerStatistics.self
  ) async throws -> Value {
    engine.reportHits()
    let reply = try await request(.stats, .read)
    do throws(SessionError) {
      return try reply.value(type)
    } catch {
      guard case .decoding = error, type == ServerStatistics.self else { throw error }
      throw SessionError.protocolViolation(
        "its statistics are not those that this library knows, so it is of another version",
        mayHaveBeenApplied: false)
    }
  }

  /// The numbers of `stats` as a text of OpenMetrics 1.0, for Prometheus and the like: names that begin with
  /// `sessiond_`, times in seconds, memory in bytes, a histogram of each command's latency.
  ///
  /// This program's own reads out of the mapping are counted in; those of others are after a second.
  nonisolated(nonsending) public func metrics() async throws -> String {
    engine.reportHits()
    return try await request(.metrics, .read).value(String.self)
  }

  /// One page of the session ids, in no meaningful order. Slides nothing. For the role admin.
  ///
  /// A page may hold fewer ids than asked for, and even none, while there are more: go on with `next` until
  /// it is nil. A session that exists all the while is listed exactly once.
  ///
  /// - Parameters:
  ///   - prefix: only ids that begin so.
  ///   - next: where the page before ended.
  ///   - limit: 1 to 1,000 ids.
  /// - Throws: `SessionError.denied` for others.
  nonisolated(nonsending) public func list(
    prefix: String? = nil, after next: String? = nil, limit: Int = 100
  ) async throws -> SessionPage {
    try await request(.list, .read) { writer throws(RequestWriter.Refusal) in
      if let prefix, !prefix.isEmpty { try writer.match(prefix: prefix) }
      if let next { try writer.after(next) }
      writer.limit(limit)
    }.value(SessionPage.self)
  }

  /// Ends all sessions. For the role admin. A request whose reply was lost is not sent again.
  ///
  /// - Returns: how many there were.
  /// - Throws: `SessionError.denied` for others.
  @discardableResult
  nonisolated(nonsending) public func flush() async throws -> Int {
    try await request(.flush, .never).value(Int.self)
  }

  /// Why a session ended, and who ended it, if it is among the last 10,000 that did. Slides nothing.
  ///
  /// - Returns: nothing where a session of that id lives, or where nobody knows.
  nonisolated(nonsending) public func why(_ session: String) async throws -> SessionEnd? {
    try await request(.why, .read, naming(session)).optional(SessionEnd.self)
  }

  /// A session with all that belongs to it, at one moment; or as `SessionJSON`, byte for byte. Slides nothing.
  ///
  /// - Returns: nothing where there is no such session.
  nonisolated(nonsending) public func dump<Value: Decodable>(
    _ session: String, as type: Value.Type = SessionDump.self
  ) async throws -> Value? {
    try await request(.dump, .read, naming(session)).optional(type)
  }

  /// Makes a session as it was dumped, with its version. For the role admin. A request whose reply was lost is
  /// not sent again.
  ///
  /// - Parameter dump: a `SessionDump`, or the `SessionJSON` of one.
  /// - Returns: the session's version.
  /// - Throws: `SessionError.conflict` where a session of that id lives; `.revoked` where the id is closed;
  ///   `.syntax` where a member is missing or wrong, or the session's time is over; `.full`, `.tooLarge`;
  ///   `.denied` for others.
  @discardableResult
  nonisolated(nonsending) public func restore<Dump: Encodable>(_ dump: Dump) async throws -> Int {
    let json = try ValueCoding.encode(dump)
    return try await request(.restore, .never) { writer throws(RequestWriter.Refusal) in
      try writer.value(json)
    }.value(Int.self)
  }
}
