internal import SessionWire

/// A client of the session daemon.
///
/// One client holds one connection, which all tasks of a program share: make one at the start and use it
/// everywhere. Requests of concurrent tasks are pipelined by themselves, and every task gets its own
/// reply. The connection is made with the first request, and made again when it was lost.
///
///     let sessions = SessionClient()
///     try await sessions.setMany("s1", ["key1": "value1", "key2": 42, "key3": true])
///     let answer: Int? = try await sessions.get("s1", "key2")
///
/// **Names.** Session ids and keys are 1 to 255 bytes of UTF-8 without control characters; others throw
/// `SessionError.invalidName` before anything is sent.
///
/// **Idle time.** A session ends when nobody used it for its time to live. Every call says whether it
/// *slides* that time, which is to start it anew.
///
/// **Errors.** All calls throw `SessionError`, or `CancellationError` when their task is cancelled. A
/// session that does not exist is `nil` and no error.
///
/// **Lost connections.** Reads, `touch`, `expire` and `delete` are sent again on the next connection if the
/// old one broke before their reply: executed twice they come to the same, and none of them can bring back a
/// session that somebody ended in between. (`delete` may count nothing the second time although the first
/// copy deleted something.) All other writes are not sent again once they may have reached the daemon: they
/// throw an error whose `mayHaveBeenApplied` is true. `increment`, `flush` and writes with `ifVersion:` would
/// count or compare twice; `set` and `setMany` might undo a log-out or overwrite something newer, and
/// `Options.repeatsLostSets` is there for programs that don't mind. A request that certainly was not
/// executed, because its line was not sent to the end or a daemon declined it while shutting down or had no
/// room for the connection, is sent on the next connection whatever it is.
///
/// **Cancellation.** A cancelled call throws at once. A change that was on its way may still happen.
public final class SessionClient: Sendable {
  let engine: ConnectionEngine

  /// A client of the daemon at the socket given, else of the one found by the rule of `SocketLocator`.
  /// Nothing is connected yet, and nothing thrown where no daemon runs.
  public convenience init(socket path: String? = nil, options: Options = Options()) {
    self.init(locator: SocketLocator(named: path), options: options)
  }

  init(locator: SocketLocator, options: Options) {
    engine = ConnectionEngine(options: options, locator: locator)
  }

  deinit {
    engine.close()
  }

  /// Closes the connection. Calls that wait throw `SessionError.closed`, or
  /// `SessionError.disconnected(mayHaveBeenApplied: true)` where a change was on its way; later calls throw
  /// `SessionError.closed`. Letting go of the last reference closes as well.
  public func close() {
    engine.close()
  }
}

extension SessionClient {
  /// How long a client is willing to wait, and what it does about lost replies.
  public struct Options: Sendable {
    /// How long a call may take from its start to its reply, reconnecting included. 5 s unless set.
    public var requestTimeout: Duration
    /// How long a call waits for a connection while the daemon can't be reached. 1 s unless set, which
    /// bridges a restart; with 0 one attempt is made.
    public var reconnectPatience: Duration
    /// Whether a `set` or `setMany` without `ifVersion:` whose reply was lost with its connection is sent
    /// again, as `delete` always is. False unless set. The first copy may have been executed: where somebody
    /// ended the session in between, which is what a log-out does, the second one begins it anew; where
    /// somebody wrote the same keys, it overwrites them. So set this only where neither matters.
    public var repeatsLostSets: Bool
    /// A reply line longer than this many bytes is taken for nonsense. 64 MiB unless set.
    public var replyBytesMax: Int

    /// - Parameters:
    ///   - requestTimeout: from a call's start to its reply; 0 to 365 days, beyond which the nearer bound counts.
    ///   - reconnectPatience: how long a call waits for a connection; bounded in the same way.
    ///   - repeatsLostSets: whether a set may be executed twice when its connection broke.
    ///   - replyBytesMax: the most bytes of a reply line.
    public init(
      requestTimeout: Duration = .seconds(5), reconnectPatience: Duration = .seconds(1),
      repeatsLostSets: Bool = false, replyBytesMax: Int = 64 * 1024 * 1024
    ) {
      self.requestTimeout = requestTimeout
      self.reconnectPatience = reconnectPatience
      self.repeatsLostSets = repeatsLostSets
      self.replyBytesMax = replyBytesMax
    }

    /// Nobody waits longer than a year, and instants so near never overflow.
    private static let waitMax = Duration.seconds(365 * 86_400)

    var boundedRequestTimeout: Duration { min(max(requestTimeout, .zero), Self.waitMax) }
    var boundedReconnectPatience: Duration { min(max(reconnectPatience, .zero), Self.waitMax) }
  }
}

extension SessionClient {
  /// Builds a request, sends it and waits for its reply. A refusal by either side is thrown.
  nonisolated(nonsending) func request(
    _ command: Command, _ repetition: Repetition,
    _ build: (inout RequestWriter) throws(RequestWriter.Refusal) -> Void = { _ in }
  ) async throws -> ReplyLine {
    var writer = RequestWriter(command)
    do {
      try build(&writer)
    } catch {
      throw SessionError(error)
    }
    let reply = try await engine.perform(writer.line, repetition)
    if case .refused(let code, let text) = reply {
      throw SessionError(code, text, conflictVersion: reply.conflictVersion)
    }
    return reply
  }
}

extension ReplyLine {
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
}
