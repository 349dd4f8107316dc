import SessionWire
import Synchronization
import SystemCalls
import Testing

@testable import SessionClient

/// A client whose calls look for as long as any ever do, whoever else of this process does so as well.
func looker(
  of daemon: FakeDaemon, busyPoll: Duration = .milliseconds(1), slots: Int = 1
) -> SessionClient {
  SessionClient(
    locator: SocketLocator(named: daemon.path),
    options: .init(
      requestTimeout: .seconds(20), reconnectPatience: .seconds(10), mapping: .off, busyPoll: busyPoll),
    pollingSlots: PollingSlots(most: slots))
}

/// Makes calls, each as if replies had come quickly of late, until one has looked: others may be kept from it by
/// the client's thread, which is still at work.
func untilOneLooks(_ sessions: SessionClient, _ call: (Int) async throws -> Void) async throws {
  let before = sessions.engine.looksSoFar
  for number in 0..<2000 {
    sessions.engine.learnQuickReplies()
    try await call(number)
    if sessions.engine.looksSoFar > before { return }
    try await Task.sleep(for: .milliseconds(1))
  }
  throw TestFailure("no call looked")
}

/// A call to a daemon that answers with the last word of the line.
func expectEcho(_ sessions: SessionClient, _ number: Int) async throws {
  let answer = try await sessions.get("s", String(number), as: Int.self)
  #expect(answer == number)
}

func expectNobodyLooks(_ sessions: SessionClient) {
  let (isLooking, waitingCount) = sessions.engine.state.withLock { state in
    (state.isLooking, state.pipeline.waitingCount)
  }
  #expect(!isLooking && waitingCount == 0)
  #expect(sessions.engine.pollingSlots.taken == 0)
}

extension ConnectionEngine {
  var looksSoFar: UInt64 { looks.load(ordering: .relaxed) }

  /// As one that just began, after some replies that came quickly: the next caller looks, if it is alone.
  func learnQuickReplies() {
    state.withLock { state in
      state.polling = AdaptivePolling(budget: state.polling.budget)
      for _ in 0..<AdaptivePolling.streakLeast { state.polling.came(after: 1, isFound: false, at: 0) }
    }
  }

  /// What a blocking call does, for a request of the test's own.
  func lookAndWait(for request: PendingRequest) throws -> ReplyLine {
    if let result = sendAndLook(for: request) { return try result.get() }
    let thread = BlockedThread()
    switch submit(request, for: .thread(thread)) {
    case nil: return try thread.wait()
    case .settled(let result): return try result.get()
    case .cancelled: throw CancellationError()
    }
  }
}
