internal import SessionWire

extension SessionClient {
  /// Builds a request, sends it and waits for its reply. A refusal by either side is thrown.
  nonisolated(nonsending) func request(
    _ command: Command, _ repetition: Repetition,
    _ build: (inout RequestWriter) throws(RequestWriter.Refusal) -> Void = { _ in }
  ) async throws -> ReplyLine {
    try await engine.perform(Self.line(command, build), repetition).accepted()
  }

  /// Likewise, and blocks the calling thread.
  func requestBlocking(
    _ command: Command, _ repetition: Repetition,
    _ build: (inout RequestWriter) throws(RequestWriter.Refusal) -> Void
  ) throws(SessionError) -> ReplyLine {
    try engine.performBlocking(Self.line(command, build), repetition).accepted()
  }

  /// The value of one key, asked of the daemon. Kept out of the callers, which seldom need it.
  @inline(never)
  nonisolated(nonsending) func request<Value: Decodable>(
    _ command: Command, _ session: String, _ key: String, as type: Value.Type
  ) async throws -> Value? {
    try await request(command, .read, naming(session, key)).optional(type)
  }

  /// Likewise, and blocks the calling thread.
  @inline(never)
  func requestBlocking<Value: Decodable>(
    _ command: Command, _ session: String, _ key: String, as type: Value.Type
  ) throws(SessionError) -> Value? {
    try requestBlocking(command, .read, naming(session, key)).optional(type)
  }

  /// The JSON text of one key's value.
  @usableFromInline
  nonisolated(nonsending) func requestJSON(_ session: String, _ key: String) async throws -> [UInt8]? {
    try await request(.get, .read, naming(session, key)).optionalValue()
  }

  /// Likewise, and blocks the calling thread.
  @usableFromInline
  func requestJSONBlocking(_ session: String, _ key: String) throws(SessionError) -> [UInt8]? {
    try requestBlocking(.get, .read, naming(session, key)).optionalValue()
  }

  static func line(
    _ command: Command, _ build: (inout RequestWriter) throws(RequestWriter.Refusal) -> Void
  ) throws(SessionError) -> [UInt8] {
    var writer = RequestWriter(command)
    do throws(RequestWriter.Refusal) {
      try build(&writer)
    } catch {
      throw SessionError(error)
    }
    return writer.line
  }
}

extension ReplyLine {
  /// The reply, unless it is a refusal, which is thrown.
  func accepted() throws(SessionError) -> ReplyLine {
    guard case .refused(let code, let text) = self else { return self }
    throw SessionError(code, text, conflictVersion: conflictVersion)
  }

  /// The reply to TOUCH of one session that is meant as a read: how many there are. Nothing where it was refused
  /// as a change, since the id was revoked, or to a user who may only read.
  func touched() throws(SessionError) -> Int? {
    switch self {
    case .refused(.revoked, _), .refused(.denied, _): nil
    default: try accepted().value(Int.self)
    }
  }

  /// The bytes of the value; nothing for `NIL`.
  func optionalValue() throws(SessionError) -> [UInt8]? {
    switch self {
    case .value(let json): return json
    case .none: return nil
    case .done, .refused: throw .decoding("the daemon answered without a value")
    }
  }

  /// The value, read as the type asked for; nothing for `NIL`.
  func optional<Value: Decodable>(_ type: Value.Type) throws(SessionError) -> Value? {
    guard let json = try optionalValue() else { return nil }
    return try ValueCoding.decode(type, from: json)
  }

  /// The value, read as the type asked for.
  func value<Value: Decodable>(_ type: Value.Type) throws(SessionError) -> Value {
    guard let value = try optional(type) else { throw .decoding("the daemon answered NIL") }
    return value
  }

  /// A number of seconds, to the millisecond that replies have.
  func duration() throws(SessionError) -> Duration? {
    guard let seconds = try optional(Double.self) else { return nil }
    guard let milliseconds = Int64(exactly: (seconds * 1000).rounded()) else {
      throw .decoding("no time to live is that long")
    }
    return .milliseconds(milliseconds)
  }

  /// A duration as it comes out of a reply, which has milliseconds.
  static func duration(nanoseconds: Int64) -> Duration {
    .milliseconds(nanoseconds / 1_000_000)
  }
}
