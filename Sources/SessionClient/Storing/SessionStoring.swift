/// A place where sessions are kept: the daemon, reached by `SessionClient`, or this process, `LocalSessions`.
///
/// Both do the same, and throw the same errors in the same cases, so that a program that knows only this
/// protocol can be moved over to the daemon with a flag (`sessions(fromEnvironment:)`), and be tested without
/// one.
///
/// **Names.** Session ids, keys and tags are 1 to 255 bytes of UTF-8 without control characters; others throw
/// `SessionError.invalidName`.
///
/// **Idle time.** A session ends when nobody used it for its time to live. Every call says whether it
/// *slides* that time, which is to start it anew.
///
/// **Ended ids.** An id that was revoked, or renamed away, is closed for as long as the session could have
/// lived: reads find nothing, and writes throw `SessionError.revoked`, so that a slow request can't bring back
/// what a log-out ended.
///
/// **Errors.** All calls throw `SessionError`, or `CancellationError` when their task is cancelled. A session
/// that does not exist is `nil` and no error.
///
/// What is declared here has all of its parameters; the extensions leave out what is seldom needed.
public protocol SessionStoring: Sendable {
  // MARK: Reading

  /// The value of one key. Slides the time to live.
  ///
  /// - Returns: nothing where there is no such session or no such key.
  /// - Throws: `SessionError.decoding` where the value is not of the type asked for.
  nonisolated(nonsending) func get<Value: Decodable>(
    _ session: String, _ key: String, as type: Value.Type
  ) async throws -> Value?

  /// The whole session, as a type with a property for each key, or as a `SessionValue.Object`. Slides the time
  /// to live.
  ///
  /// - Returns: nothing where there is no such session.
  /// - Throws: `SessionError.decoding` where the session does not fit the type.
  nonisolated(nonsending) func get<Value: Decodable>(
    _ session: String, as type: Value.Type
  ) async throws -> Value?

  /// The value of one key, without sliding the time to live: for health checks, polling and support.
  nonisolated(nonsending) func peek<Value: Decodable>(
    _ session: String, _ key: String, as type: Value.Type
  ) async throws -> Value?

  /// The whole session, without sliding the time to live.
  nonisolated(nonsending) func peek<Value: Decodable>(
    _ session: String, as type: Value.Type
  ) async throws -> Value?

  /// The values of at most 1,024 keys at one moment; keys that the session does not have are left out. Slides
  /// the time to live.
  ///
  /// - Returns: nothing where there is no such session.
  nonisolated(nonsending) func getMany<Value: Decodable>(
    _ session: String, _ keys: [String], as type: Value.Type
  ) async throws -> Value?

  /// The value of one key as the bytes of its JSON text, which are there for as long as `body` runs. Slides the
  /// time to live.
  ///
  /// - Returns: what `body` returns; nothing where there is no such session or no such key.
  nonisolated(nonsending) func withJSON<Result>(
    _ session: String, _ key: String, _ body: (Span<UInt8>) throws -> Result
  ) async throws -> Result?

  /// The values together with their version, from one moment: to change them with `ifVersion:`, as `update`
  /// does it. Does not slide the time to live.
  ///
  /// - Returns: nothing where there is no such session.
  /// - Throws: `SessionError.revoked` for an id that was renamed away and can only be read.
  nonisolated(nonsending) func snapshot(_ session: String) async throws -> SessionSnapshot?

  /// Whether there is such a session. Does not slide the time to live.
  nonisolated(nonsending) func exists(_ session: String) async throws -> Bool

  /// How long the session has left if nobody uses it. Does not slide the time to live.
  ///
  /// - Returns: nothing where there is no such session.
  nonisolated(nonsending) func ttl(_ session: String) async throws -> Duration?

  /// What is known about a session besides its values, as `SessionInfo` or a type of yours. Does not slide the
  /// time to live.
  ///
  /// - Returns: nothing where there is no such session.
  nonisolated(nonsending) func info<Value: Decodable>(
    _ session: String, as type: Value.Type
  ) async throws -> Value?

  // MARK: Writing

  /// Sets one key, and begins the session where there is none. Slides the time to live.
  ///
  /// - Parameters:
  ///   - value: anything that can be written as JSON. Dates are written as seconds since 1970.
  ///   - version: set only if the session has this version still; 0 means only if there is no such session.
  ///   - timeToLive: the session's own idle time from now on, 1 ms to 10 years.
  /// - Returns: the session's new version.
  /// - Throws: `SessionError.conflict` where the version is another; `.revoked`, `.tooLarge`, `.full`.
  @discardableResult
  nonisolated(nonsending) func set<Value: Encodable>(
    _ session: String, _ key: String, _ value: Value, ifVersion version: Int?, ttl timeToLive: Duration?
  ) async throws -> Int

  /// Sets a key for each property of a value, and removes others, in one step: all or nothing. Begins the
  /// session where there is none. Slides the time to live.
  ///
  /// - Parameters:
  ///   - keys: the keys to remove. One that the value has as well is set.
  ///   - version: as with `set`.
  ///   - timeToLive: as with `set`.
  /// - Returns: the session's new version.
  @discardableResult
  nonisolated(nonsending) func setMany<Value: Encodable>(
    _ session: String, fieldsOf value: Value, removing keys: [String], ifVersion version: Int?,
    ttl timeToLive: Duration?
  ) async throws -> Int

  /// Ends a session, whose id may be used again.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  nonisolated(nonsending) func delete(_ session: String) async throws -> Bool

  /// Removes at most 1,024 keys from a session, which stays even if no key is left. Slides the time to live.
  ///
  /// - Returns: how many of the keys there were.
  @discardableResult
  nonisolated(nonsending) func delete(_ session: String, keys: [String]) async throws -> Int

  /// Adds to a whole number, which starts at 0 where there is no such session or key. Slides the time to live.
  ///
  /// - Returns: the new number.
  /// - Throws: `SessionError.type` where the value is no whole number, or the sum leaves the range of `Int`.
  @discardableResult
  nonisolated(nonsending) func increment(_ session: String, _ key: String, by amount: Int) async throws -> Int

  /// Gives the session an idle time of its own, 1 ms to 10 years, which starts now.
  ///
  /// - Returns: whether there is such a session.
  @discardableResult
  nonisolated(nonsending) func expire(_ session: String, after timeToLive: Duration) async throws -> Bool

  /// Slides the time to live of at most 1,024 sessions.
  ///
  /// - Returns: how many of the sessions there are.
  /// - Throws: `SessionError.revoked` where one of the ids was revoked; the others were touched all the same.
  @discardableResult
  nonisolated(nonsending) func touch(_ sessions: [String]) async throws -> Int

  // MARK: Ids

  /// Begins a session under a new random id: 22 characters that are safe in a URL, 128 bits of the kernel's
  /// random source.
  ///
  /// - Returns: the id.
  nonisolated(nonsending) func create<Value: Encodable>(
    fieldsOf value: Value, ttl timeToLive: Duration?
  ) async throws -> String

  /// Moves a session to another id, at one moment for everybody: what is due at a log-in, so that an id that
  /// somebody foisted on a visitor is worth nothing afterwards (session fixation). Slides the time to live.
  ///
  /// - Parameters:
  ///   - newID: nothing: a random one, as `create` makes it.
  ///   - grace: for so long, 1 ms to 10 years, the old id can still be read, and not written, so that requests
  ///     under way are not logged out. Nothing: the old id is closed at once.
  /// - Returns: the new id; nothing where there is no such session.
  /// - Throws: `SessionError.conflict` where a session of the new id lives; `.revoked` where it is closed.
  @discardableResult
  nonisolated(nonsending) func rename(
    _ session: String, to newID: String?, grace: Duration?
  ) async throws -> String?

  /// Ends sessions for good: their ids stay closed for as long as the sessions could have lived, so that late
  /// writes throw `SessionError.revoked`. That holds for ids without a session, too. At most 1,024 ids.
  ///
  /// - Returns: how many sessions there were.
  @discardableResult
  nonisolated(nonsending) func revoke(_ sessions: [String]) async throws -> Int

  /// Revokes every session that bears a tag: "log this user out everywhere".
  ///
  /// - Returns: how many there were.
  @discardableResult
  nonisolated(nonsending) func revokeAll(tagged tag: String) async throws -> Int

  // MARK: Tags

  /// Gives a session tags, 64 at most. Slides the time to live.
  ///
  /// - Returns: how many of them it did not bear before; nothing where there is no such session.
  /// - Throws: `SessionError.tooLarge` beyond 64.
  @discardableResult
  nonisolated(nonsending) func tag(_ session: String, _ tags: [String]) async throws -> Int?

  /// Takes tags from a session. Slides the time to live.
  ///
  /// - Returns: how many of them it bore; nothing where there is no such session.
  @discardableResult
  nonisolated(nonsending) func untag(_ session: String, _ tags: [String]) async throws -> Int?

  /// One page of the sessions that bear a tag, in no meaningful order. Slides nothing. A page with as many ids
  /// as the limit may have a next one.
  ///
  /// - Parameters:
  ///   - last: the last id of the page before.
  ///   - limit: 1 to 1,000 ids.
  nonisolated(nonsending) func tagged(
    _ tag: String, after last: String?, limit: Int
  ) async throws -> [String]

  // MARK: Knowing more

  /// Why a session ended, if it is among the last 10,000 that did.
  ///
  /// - Returns: nothing where a session of that id lives, or where nobody knows.
  nonisolated(nonsending) func why(_ session: String) async throws -> SessionEnd?

  /// A session with all that belongs to it, at one moment, as `SessionDump` or, byte for byte, as
  /// `SessionJSON`. Slides nothing.
  ///
  /// - Returns: nothing where there is no such session.
  nonisolated(nonsending) func dump<Value: Decodable>(
    _ session: String, as type: Value.Type
  ) async throws -> Value?

  /// Makes a session as it was dumped, with its version. For the role admin.
  ///
  /// - Parameter dump: a `SessionDump`, or the `SessionJSON` of one.
  /// - Returns: the session's version.
  /// - Throws: `SessionError.conflict` where a session of that id lives; `.syntax` where a member is wrong, or
  ///   its time is over.
  @discardableResult
  nonisolated(nonsending) func restore<Dump: Encodable>(_ dump: Dump) async throws -> Int

  /// One page of the session ids, in no meaningful order. Slides nothing. For the role admin.
  ///
  /// - Parameters:
  ///   - prefix: only ids that begin so.
  ///   - next: where the page before ended.
  ///   - limit: 1 to 1,000 ids.
  nonisolated(nonsending) func list(
    prefix: String?, after next: String?, limit: Int
  ) async throws -> SessionPage

  /// Ends all sessions. For the role admin.
  ///
  /// - Returns: how many there were.
  @discardableResult
  nonisolated(nonsending) func flush() async throws -> Int

  // MARK: Events

  /// What happens to at most 1,024 sessions.
  ///
  /// - Parameter sequence: the number of the last event that is known; nothing: begin now.
  func events(of sessions: [String], since sequence: Int?) -> SessionEvents

  /// What happens to all sessions. For the role admin.
  ///
  /// - Parameter sequence: the number of the last event that is known; nothing: begin now.
  func events(since sequence: Int?) -> SessionEvents

  /// Lets go of everything. Iterations over events end, and later calls throw `SessionError.closed`.
  func close()
}
