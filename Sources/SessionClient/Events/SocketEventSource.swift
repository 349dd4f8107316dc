internal import SystemCalls

/// One iteration over events of the daemon, with a connection and a thread of its own. The thread receives
/// only while there is room for more events, so that who takes them slowly is slow in the daemon's eyes, too.
final class SocketEventSource: EventSource {
  /// So many events wait to be taken, and what came along with the last of them.
  static let eventsMost = 256

  struct State: ~Copyable {
    enum Stage {
      case resting
      case running
      case over(any Error)
    }

    var stage = Stage.resting
    /// Wakes the thread; made with it.
    var wakeSignal: WakeSignal?
    /// The last event there was when the watch began.
    var began: Int?
    var events = Queue<SessionEvent>()
    /// The thread receives nothing until half of the events were taken.
    var awaitsRoom = false
    /// Who waits for the watch to begin, or for an event.
    var waiter: CheckedContinuation<Void, Never>?
  }

  /// Kept for as long as somebody watches.
  let client: SessionClient
  let state = Guarded(State())
  private let ids: [String]?
  private let since: Int?
  private let forksAtStart = ForkCount.shared.value

  init(_ client: SessionClient, _ ids: [String]?, since: Int?) {
    self.client = client
    self.ids = ids
    self.since = since
  }

  nonisolated(nonsending) func begin() async throws -> Int {
    try await wait { state in state.began }
  }

  nonisolated(nonsending) func next() async throws -> SessionEvent {
    try await wait { state in
      guard let event = state.events.popFirst() else { return nil }
      if state.awaitsRoom, state.events.count <= Self.eventsMost / 2 {
        state.awaitsRoom = false
        state.wakeSignal?.raise()
      }
      return event
    }
  }

  /// Waits until `take` has something, or all is over.
  nonisolated(nonsending) private func wait<Result: Sendable>(
    _ take: (inout State) -> Result?
  ) async throws -> Result {
    try Task.checkCancellation()
    // The thread is in the parent, and so is who might hold the lock.
    guard ForkCount.shared.value == forksAtStart else { throw SessionError.closed }
    try start()
    return try await withTaskCancellationHandler {
      while true {
        if let result = try state.withLock({ state throws(any Error) -> Result? in
          if let result = take(&state) { return result }
          if case .over(let error) = state.stage { throw error }
          return nil
        }) {
          return result
        }
        await withCheckedContinuation { continuation in
          let isWaiting = state.withLock { state in
            if case .over = state.stage { return false }
            guard state.events.isEmpty else { return false }
            state.waiter = continuation
            return true
          }
          if !isWaiting { continuation.resume() }
        }
      }
    } onCancel: {
      end(CancellationError())
    }
  }

  /// Starts the thread.
  private func start() throws {
    try state.withLock { state in
      guard case .resting = state.stage else { return }
      let dialogue = try WatchDialogue(ids, since: since)
      guard client.watches.add(self) else { throw SessionError.closed }
      do throws(SystemCallError) {
        let signal = try WakeSignal()
        let number = signal.number
        let thread = try ServiceThread(name: "session-events") { [self] in
          EventThread(self, dialogue, wakeNumber: number).run()
          client.watches.remove(self)
        }
        thread.detach()
        state.wakeSignal = consume signal
        state.stage = .running
      } catch {
        client.watches.remove(self)
        throw SessionError.unavailable(
          socket: client.engine.locator.description, reason: error.description)
      }
    }
  }

  func stop() {
    guard ForkCount.shared.value == forksAtStart else { return }
    end(CancellationError())
  }

  /// Ends the iteration with an error, unless it has ended. Events that came before can still be taken.
  func end(_ error: any Error) {
    let waiter = state.withLock { state in
      if case .over = state.stage { return nil as CheckedContinuation<Void, Never>? }
      state.stage = .over(error)
      state.wakeSignal?.raise()
      return state.waiter.take()
    }
    waiter?.resume()
  }

  /// Whether there is room for more events. If not, the thread is woken once there is.
  func hasRoom() -> Bool {
    state.withLock { state in
      state.awaitsRoom = state.awaitsRoom || state.events.count >= Self.eventsMost
      return !state.awaitsRoom
    }
  }

  /// Takes what the thread received.
  func accept(_ steps: [WatchDialogue.Step]) {
    let waiter = state.withLock { state in
      for step in steps {
        switch step {
        case .began(let sequence): state.began = state.began ?? sequence
        case .event(let event): state.events.append(event)
        case .ask, .reconnect, .fail: break
        }
      }
      return state.waiter.take()
    }
    waiter?.resume()
  }
}
