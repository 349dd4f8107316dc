internal import SessionWire
internal import Synchronization
internal import SystemCalls

/// The one connection of a client, shared by all its tasks, and the mapping that comes with it.
///
/// A caller puts its request into the pipeline under the lock, and writes it to the socket itself when
/// nothing else waits to be sent: so the requests of concurrent tasks are pipelined without a hand-over
/// to another thread. One thread, started with the first request, does the rest: it connects, receives
/// replies, sends what the kernel did not take at once, keeps the deadlines, and sees to the mapping. It
/// sleeps in poll(2) while there is nothing to do, and ends when the client is closed.
///
/// A caller that is the only one may look for its reply itself before it sleeps (`sendAndLook`). The thread
/// leaves the replies to it for so long, and is woken for them when the look was in vain.
final class ConnectionEngine: Sendable {
  typealias Instant = ContinuousClock.Instant

  let options: SessionClient.Options
  let locator: SocketLocator
  let state: Guarded<State>
  /// Safe to share: made in `init`, gone with the engine, and all that changes in it is atomic.
  nonisolated(unsafe) let gate: UnsafeMutablePointer<ReadGate>
  let touches = PendingTouches()
  /// Whoever receives holds its lock, and so does whoever makes a connection, gives one up or asks for a
  /// descriptor. It is taken before that of the state.
  let receiver = Guarded(ReplyReceiver())
  /// The thread has the receiver, or waits for it.
  let threadReceives = Atomic<Bool>(false)
  /// How many threads of this process may look for messages at a time.
  let pollingSlots: PollingSlots
  /// How often a caller has looked for its reply.
  let looks = Atomic<UInt64>(0)
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
    /// Whether a caller should look for its reply before it sleeps.
    var polling: AdaptivePolling
    var preemption = Preemption()
    /// A caller looks for its reply, and receives meanwhile.
    var isLooking = false
    /// Others had its processor meanwhile.
    var isHeldUp = false
    /// The last caller that should have looked could not, since others of the process did.
    var lacksSlot = false
    /// The thread wakes up when there is something to be received, or is awake and will see to it.
    var threadAwaitsReplies = true
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

    /// Makes sure that what was asked is received: by the thread, unless somebody looks, who does this when he ends.
    mutating func awaitReplies() {
      guard !isLooking, !threadAwaitsReplies else { return }
      threadAwaitsReplies = true
      wakeThread()
    }

    /// Whether the daemon is to be asked for its segment, and can be.
    func shouldAskForMapping(at now: Instant) -> Bool {
      guard connection != nil, !pipeline.isDraining, duties.unansweredSince == nil else { return false }
      return duties.mappingIsDue(at: now)
    }

    /// Takes a request, and sends it if there is a connection.
    mutating func enqueue(_ request: PendingRequest) {
      // The gaps that count are those of requests that wait for the daemon alone, and not behind others.
      if polling.budget > 0, connection != nil, pipeline.count == 0 {
        request.aloneSince = BootClock.system.now()
      }
      pipeline.append(request)
      if let connection { flush(to: connection) }
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
    options: SessionClient.Options, locator: SocketLocator, pollingSlots: PollingSlots,
    inheriting view: UnsafePointer<MappedView>? = nil, closesAt: Int64 = .max
  ) {
    self.options = options
    self.locator = locator
    self.pollingSlots = pollingSlots
    var duties = Duties(wantsMapping: options.mapping == .automatic)
    if closesAt < .max {
      let now = BootClock.system.now()
      duties.aloneUntil = .now + .nanoseconds(max(now, closesAt) - now)
    }
    state = Guarded(
      State(
        lifecycle: closesAt == .min ? .closed : .resting, duties: duties,
        shelf: MappingShelf(inheriting: view),
        // Where no thread may look, nothing is to be learnt.
        polling: AdaptivePolling(
          budget: pollingSlots.most > 0 ? UInt64(options.boundedBusyPoll.nanoseconds) : 0),
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
    if let result = sendAndLook(for: request) {
      // A task whose replies are all found at once lets others have its thread now and then.
      if looks.load(ordering: .relaxed) % Self.looksInATurn == 0 { await Task.yield() }
      return try result.get()
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        switch submit(request, for: .task(continuation)) {
        case nil: break
        case .cancelled: continuation.resume(throwing: CancellationError())
        case .settled(let result): continuation.resume(with: result.mapError { $0 as any Error })
        }
      }
    } onCancel: {
      cancel(request)
    }
  }

  /// Sends a request line and blocks the calling thread until its reply has come.
  func performBlocking(_ line: [UInt8], _ repetition: Repetition) throws(SessionError) -> ReplyLine {
    let request = request(line, repetition)
    if let result = sendAndLook(for: request) { return try result.get() }
    let thread = BlockedThread()
    // Nobody cancels a request that no task waits for.
    if case .settled(let result) = submit(request, for: .thread(thread)) { return try result.get() }
    return try thread.wait()
  }

  private func request(_ line: [UInt8], _ repetition: Repetition) -> PendingRequest {
    let now = Instant.now
    return PendingRequest(
      line: line, repetition: repetition, deadline: now + options.boundedRequestTimeout,
      connectBy: now + options.boundedReconnectPatience)
  }

  /// Why a caller has nothing to wait for.
  enum Outcome: Equatable {
    /// Its task was cancelled before it came here.
    case cancelled
    /// The request was not taken, or was answered or given up while its caller looked.
    case settled(Result<ReplyLine, SessionError>)
  }

  /// Takes a request, unless its caller has looked for the reply before, and the caller, who is resumed once,
  /// whatever happens; or says why not.
  func submit(_ request: PendingRequest, for waiter: Waiter) -> Outcome? {
    state.withLock { state in
      if let result = request.result { return .settled(result) }
      if request.isSettled { return .cancelled }
      if request.stage != .unsubmitted {
        request.waiter = waiter
        return nil
      }
      if let error = start(&state) { return .settled(.failure(error)) }
      if state.pipeline.isFull { return .settled(.failure(.tooManyRequests(limit: Pipeline.requestsMax))) }
      request.waiter = waiter
      state.enqueue(request)
      guard state.connection != nil else {
        state.wakeThread()
        return nil
      }
      state.awaitReplies()
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
