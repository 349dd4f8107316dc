internal import SessionWire
internal import SystemCalls

/// Sessions of this process alone: what `SessionClient` does, without a daemon.
///
/// It is for programs that are to be moved over to the daemon with a flag (`sessions(fromEnvironment:)`), and
/// for unit tests. Ids, values, times to live, versions, marks of revoked sessions, tags, events and errors are
/// the daemon's; it is never full, everybody is admin, and everything ends with the process.
///
///     let sessions = LocalSessions(options: .init(clock: .stopped))
///     try await sessions.set("s1", "user", "u42")
///     sessions.advance(by: .seconds(601))
///     let user: String? = try await sessions.get("s1", "user")  // nil
///
/// All calls throw `SessionError`, or `CancellationError` when their task is cancelled.
public final class LocalSessions: Sendable {
  /// How sessions of this process live.
  public struct Options: Sendable {
    /// The idle time of a session that names none, 1 ms to 10 years: 10 minutes unless set, as the daemon's.
    public var ttl: Duration
    /// The bound from a session's creation that no use passes. None unless set.
    public var lifetime: Duration?
    /// The most bytes in one session: 1 MiB unless set.
    public var sessionBytesMax: Int
    /// What moves the time.
    public var clock: Clock

    /// What moves the time.
    public enum Clock: Sendable {
      /// The time since boot, suspension included, and `advance`.
      case running
      /// `advance` alone: for tests.
      case stopped
    }

    /// - Parameters:
    ///   - ttl: of a session that names none; beyond 1 ms to 10 years the nearer bound counts.
    ///   - lifetime: the bound from a session's creation; bounded in the same way.
    ///   - sessionBytesMax: the most bytes in one session.
    ///   - clock: what moves the time.
    public init(
      ttl: Duration = .seconds(600), lifetime: Duration? = nil, sessionBytesMax: Int = 1 << 20,
      clock: Clock = .running
    ) {
      self.ttl = ttl
      self.lifetime = lifetime
      self.sessionBytesMax = sessionBytesMax
      self.clock = clock
    }
  }

  private struct State {
    var table: LocalTable
    /// By how many nanoseconds the clock was moved.
    var advanced: Int64 = 0
    var isClosed = false
    var alarm = LocalAlarm()
  }

  private let state: Guarded<State>
  private let clock: Options.Clock

  /// No sessions yet.
  public init(options: Options = Options()) {
    clock = options.clock
    let settings = LocalTable.Settings(
      idle: Self.nanoseconds(options.ttl), lifetime: options.lifetime.map(Self.nanoseconds) ?? 0,
      sessionBytesMost: options.sessionBytesMax)
    // One that stands still begins at zero, and at a whole second of the wall clock, so that what a dump says
    // in milliseconds is exact.
    let now = clock == .running ? BootClock.system.now() : 0
    let wallClock = BootClock.system.wallClock()
    let start = clock == .running ? wallClock : wallClock - wallClock % 1_000_000_000
    state = Guarded(State(table: LocalTable(settings, now: now, wallClockLead: start - now)))
  }

  private static func nanoseconds(_ duration: Duration) -> Int64 {
    let range = Limits.ttlNanoseconds
    return min(max(duration, .nanoseconds(range.lowerBound)), .nanoseconds(range.upperBound)).nanoseconds
  }

  /// Moves the clock on: sessions whose time is over by then end.
  public func advance(by duration: Duration) {
    unlessClosed(advancing: max(duration, .zero).nanoseconds) { _ in }
  }

  /// Ends all iterations over events; later calls throw `SessionError.closed`.
  public func close() {
    unlessClosed { table in table.journal.stopAll() }
    state.withLock { state in
      state.isClosed = true
      state.alarm.cancel()
    }
  }

  // MARK: The lock

  /// One step: the clock is moved on, and then the change is made.
  func locked<Result>(
    _ body: (inout LocalTable) throws(SessionError) -> Result
  ) throws(SessionError) -> Result {
    try locked(advancing: 0, body)
  }

  /// Likewise; nothing happens when it is closed.
  @discardableResult
  func unlessClosed<Result>(advancing: Int64 = 0, _ body: (inout LocalTable) -> Result) -> Result? {
    do throws(SessionError) {
      return try locked(advancing: advancing, body)
    } catch {
      return nil
    }
  }

  private func locked<Result>(
    advancing: Int64, _ body: (inout LocalTable) throws(SessionError) -> Result
  ) throws(SessionError) -> Result {
    var woken: [CheckedContinuation<Void, Never>] = []
    defer { for waiter in woken { waiter.resume() } }
    return try state.withLock { state throws(SessionError) -> Result in
      guard !state.isClosed else { throw .closed }
      state.advanced += advancing
      if advancing > 0 { state.alarm.cancel() }
      state.table.turn(to: (clock == .running ? BootClock.system.now() : 0) + state.advanced)
      defer {
        woken = state.table.journal.takeWoken()
        if clock == .running { setAlarm(&state) }
      }
      return try body(&state.table)
    }
  }

  /// Sees to it that who waits for events hears of sessions that end by themselves.
  private func setAlarm(_ state: inout State) {
    guard state.table.journal.waitersCount > 0, let due = state.table.dues.first else {
      state.alarm.cancel()
      return
    }
    state.alarm.set(to: due.moment, from: state.table.now) { [weak self] in self?.ring() }
  }

  private func ring() {
    // It is set anew if it rang too early.
    state.withLock { $0.alarm.cancel() }
    unlessClosed { _ in }
  }

  /// Makes one call.
  nonisolated(nonsending) func call<Result>(
    _ body: (inout LocalTable) throws(SessionError) -> Result
  ) async throws -> Result {
    try Task.checkCancellation()
    return try locked(body)
  }
}
