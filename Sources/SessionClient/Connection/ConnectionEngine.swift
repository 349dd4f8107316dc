internal import SessionWire
internal import Synchronization
internal import SystemCalls

/// The one connection of a client, shared by all its tasks.
///
/// A caller puts its request into the pipeline under the lock, and writes it to the socket itself when
/// nothing else waits to be sent: so the requests of concurrent tasks are pipelined without a hand-over
/// to another thread. One thread, started with the first request, does the rest: it connects, receives
/// replies, sends what the kernel did not take at once, and keeps the deadlines. It sleeps in poll(2)
/// while there is nothing to do, and ends when the client is closed.
final class ConnectionEngine: Sendable {
  typealias Instant = ContinuousClock.Instant

  let options: SessionClient.Options
  let locator: SocketLocator
  let state: Mutex<State>

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
    var backoff = Backoff()
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
  }

  init(options: SessionClient.Options, locator: SocketLocator) {
    self.options = options
    self.locator = locator
    state = Mutex(
      State(unreachable: .unavailable(socket: locator.description, reason: "not connected yet")))
  }

  /// Sends a request line and waits for its reply.
  nonisolated(nonsending) func perform(_ line: [UInt8], _ repetition: Repetition) async throws -> ReplyLine {
    try Task.checkCancellation()
    let now = Instant.now
    let request = PendingRequest(
      line: line, repetition: repetition, deadline: now + options.boundedRequestTimeout,
      connectBy: now + options.boundedReconnectPatience)
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        submit(request, for: continuation)
      }
    } onCancel: {
      cancel(request)
    }
  }

  /// Takes a request and its caller, who is resumed once, whatever happens. A request whose task was
  /// cancelled before it came here is refused.
  func submit(_ request: PendingRequest, for waiter: CheckedContinuation<ReplyLine, any Error>) {
    let refusal: (any Error)? = state.withLock { state in
      if request.isSettled { return CancellationError() }
      if let refusal = admit(&state) { return refusal }
      request.waiter = waiter
      state.pipeline.append(request)
      guard let connection = state.connection else {
        state.wakeThread()
        return nil
      }
      // Where others wait to be sent, the thread is waiting for room on the socket already.
      if !state.watchesRoom {
        state.pipeline.flush(connection.send)
        state.watchesRoom = state.pipeline.hasUnsent && !state.pipeline.isDraining
        if state.watchesRoom { state.wakeThread() }
      }
      if state.sleepsUntil.map({ request.deadline < $0 }) ?? true { state.wakeThread() }
      return nil
    }
    if let refusal { waiter.resume(throwing: refusal) }
  }

  /// Says why no request can be taken, or makes sure that the thread runs.
  private func admit(_ state: inout State) -> SessionError? {
    switch state.lifecycle {
    case .closed:
      return .closed
    case .running:
      return state.pipeline.isFull ? .tooManyRequests(limit: Pipeline.requestsMax) : nil
    case .resting:
      do throws(SystemCallError) {
        let wakeSignal = try WakeSignal()
        let number = wakeSignal.number
        let thread = try ServiceThread(name: "session-client") { [self] in
          EngineThread(engine: self, wakeNumber: number).run()
        }
        thread.detach()
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
    waiter?.resume(throwing: CancellationError())
  }

  /// Fails what waits, refuses what comes, and ends the thread.
  func close() {
    let settlements = state.withLock { state in
      state.wakeThread()
      state.lifecycle = .closed
      state.connection = nil
      return state.pipeline.close()
    }
    for settlement in settlements { settlement.deliver() }
  }
}
