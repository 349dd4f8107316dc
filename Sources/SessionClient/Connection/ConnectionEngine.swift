internal import SessionWire
internal import SystemCalls

/// The one connection of a client, shared by all its tasks, and the mapping that comes with it.
///
/// A caller puts its request into the pipeline under the lock, and writes it to the socket itself when
/// nothing else waits to be sent: so the requests of concurrent tasks are pipelined without a hand-over
/// to another thread. One thread, started with the first request, does the rest: it connects, receives
/// replies, sends what the kernel did not take at once, keeps the deadlines, and sees to the mapping. It
/// sleeps in poll(2) while there is nothing to do, and ends when the client is closed.
final class ConnectionEngine: Sendable {
  typealias Instant = ContinuousClock.Instant

  let options: SessionClient.Options
  let locator: SocketLocator
  let state: Guarded<State>
  /// Safe to share: made in `init`, gone with the engine, and all that changes in it is atomic.
  nonisolated(unsafe) let gate: UnsafeMutablePointer<ReadGate>
  let touches = PendingTouches()
  let openDescriptors = OpenDescriptors()

  /// Everything that the callers and the thread share. Guarded by the lock; no call that may block is
  /// made under it, and no caller is resumed.
  struct State: ~Copyable {
    enum Lifecycle {
      case resting
      case running
      case closed
    }

    var lifecycle = Lifecycle.resting
    /// Wakes the thread. Made with it, and there for as long as the engine is, which the thread holds on to.
    var wakeSignal: WakeSignal?
    var pipeline = Pipeline()
    var connection: SocketConnection?
    /// When the connection was made.
    var connectedAt: Instant = .now
    /// Pauses attempts to connect for callers that wait.
    var backoff = Backoff()
    /// Pauses those that nobody waits for: they shall not make the first caller wait. It starts anew once a
    /// connection lasted for a while.
    var quietBackoff = Backoff()
    var duties: Duties
    var shelf: MappingShelf
    /// So many of the hits that the gate counted are reported, or being reported.
    var hitsTold: UInt64 = 0
    /// Until when the thread sleeps, unless it is woken; nothing stands for ever.
    var sleepsUntil: Instant? = .now
    /// The thread is woken when the socket takes more bytes.
    var watchesRoom = false
    /// Up to here the thread wakes up in time for any new request, so that nobody needs to wake it.
    var lingersUntil: Instant = .now
    /// Why there is no connection.
    var unreachable: SessionError

    func wakeThread() {
      wakeSignal?.raise()
    }

    /// Makes sure that the thread is awake at that moment.
    func wakeThread(by moment: Instant) {
      if sleepsUntil.map({ moment < $0 }) ?? true { wakeThread() }
    }

    /// Sends what waits, unless the thread is waiting for room on the socket already.
    mutating func flush(to connection: SocketConnection) {
      guard !watchesRoom else { return }
      pipeline.flush(connection.send)
      watchesRoom = pipeline.hasUnsent && !pipeline.isDraining
      if watchesRoom { wakeThread() }
    }
  }

  /// - Parameters:
  ///   - view: the mapping of the process that this one was forked from.
  ///   - closesAt: what that process's gate had.
  init(
    options: SessionClient.Options, locator: SocketLocator,
    inheriting view: UnsafePointer<MappedView>? = nil, closesAt: Int64 = .max
  ) {
    self.options = options
    self.locator = locator
    var duties = Duties(wantsMapping: options.mapping == .automatic)
    if closesAt < .max {
      let now = BootClock.system.now()
      duties.aloneUntil = .now + .nanoseconds(max(now, closesAt) - now)
    }
    state = Guarded(
      State(
        lifecycle: closesAt == .min ? .closed : .resting, duties: duties,
        shelf: MappingShelf(inheriting: view),
        unreachable: .unavailable(socket: locator.description, reason: "not connected yet")))
    gate = .allocate(capacity: 1)
    gate.initialize(to: ReadGate(.passUnretained(self), showing: view, closesAt: closesAt))
  }

  deinit {
    gate.deinitialize(count: 1)
    gate.deallocate()
  }

  /// Sends a request line and waits for its reply.
  nonisolated(nonsending) func perform(_ line: [UInt8], _ repetition: Repetition) async throws -> ReplyLine {
    try Task.checkCancellation()
    let request = request(line, repetition)
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        switch submit(request, for: .task(continuation)) {
        case nil: break
        case .cancelled: continuation.resume(throwing: CancellationError())
        case .failed(let error): continuation.resume(throwing: error)
        }
      }
    } onCancel: {
      cancel(request)
    }
  }

  /// Sends a request line and blocks the calling thread until its reply has come.
  func performBlocking(_ line: [UInt8], _ repetition: Repetition) throws(SessionError) -> ReplyLine {
    let thread = BlockedThread()
    // Nobody cancels a request that no task waits for.
    if case .failed(let error) = submit(request(line, repetition), for: .thread(thread)) { throw error }
    return try thread.wait()
  }

  private func request(_ line: [UInt8], _ repetition: Repetition) -> PendingRequest {
    let now = Instant.now
    return PendingRequest(
      line: line, repetition: repetition, deadline: now + options.boundedRequestTimeout,
      connectBy: now + options.boundedReconnectPatience)
  }

  /// Why a request was not taken.
  enum Refusal: Equatable {
    /// Its task was cancelled before it came here.
    case cancelled
    case failed(SessionError)
  }

  /// Takes a request and its caller, who is resumed once, whatever happens; or says why not.
  func submit(_ request: PendingRequest, for waiter: Waiter) -> Refusal? {
    state.withLock { state in
      if request.isSettled { return .cancelled }
      if let error = start(&state) { return .failed(error) }
      if state.pipeline.isFull { return .failed(.tooManyRequests(limit: Pipeline.requestsMax)) }
      request.waiter = waiter
      state.pipeline.append(request)
      guard let connection = state.connection else {
        state.wakeThread()
        return nil
      }
      state.flush(to: connection)
      state.wakeThread(by: request.deadline)
      return nil
    }
  }

  /// Makes sure that the thread runs, or says why it can't.
  func start(_ state: inout State) -> SessionError? {
    switch state.lifecycle {
    case .closed:
      return .closed
    case .running:
      return nil
    case .resting:
      do throws(SystemCallError) {
        let wakeSignal = try WakeSignal()
        let number = wakeSignal.number
        let thread = try ServiceThread(name: "session-client") { [self] in
          EngineThread(engine: self, wakeNumber: number).run()
        }
        thread.detach()
        openDescriptors.add(number)
        state.wakeSignal = consume wakeSignal
        state.lifecycle = .running
        return nil
      } catch {
        return .unavailable(socket: locator.description, reason: error.description)
      }
    }
  }

  /// Gives a request up, whether it was submitted already or is about to be.
  func cancel(_ request: PendingRequest) {
    let waiter = state.withLock { state in
      state.pipeline.abandon(request) ? request.takeWaiter() : nil
    }
    if case .task(let continuation) = waiter { continuation.resume(throwing: CancellationError()) }
  }

  /// Fails what waits, refuses what comes, and ends the thread.
  func close() {
    let (settlements, view) = state.withLock { state in
      if case .running = state.lifecycle { sayGoodbye(&state) }
      state.wakeThread()
      state.lifecycle = .closed
      state.connection = nil
      gate.pointee.view = nil
      gate.pointee.closesAt = .min
      return (state.pipeline.close(), state.shelf.drop())
    }
    for settlement in settlements { settlement.deliver() }
    view?.retire()
  }
}
