import SystemCalls
import Testing

@testable import SessionClient

@Suite("Callers that would look, and may not", .timeLimit(.minutes(10)))
struct LookerSlotTests {
  private func threadAwaitsReplies(_ sessions: SessionClient) -> Bool {
    sessions.engine.state.withLock { $0.threadAwaitsReplies }
  }

  @Test("have the client's thread await their replies while others look, and look once they may")
  func taken() async throws {
    let daemon = try FakeDaemon { $0.answerAll(ConcurrencyTests.echo) }
    let sessions = looker(of: daemon)
    defer { daemon.stop() }
    #expect(sessions.engine.pollingSlots.tryTake())
    // The first calls may be kept from asking for a slot by the client's thread.
    try await eventually("a caller finds no slot") {
      sessions.engine.learnQuickReplies()
      let answer = try sessions.blocking.get("s", "5", as: Int.self)
      #expect(answer == 5)
      return sessions.engine.state.withLock { $0.lacksSlot }
    }
    for number in 0..<200 {
      sessions.engine.learnQuickReplies()
      try await expectEcho(sessions, number)
      let second = try sessions.blocking.get("s", String(number), as: Int.self)
      #expect(second == number)
      // So no request has to wake it first.
      #expect(threadAwaitsReplies(sessions))
    }
    #expect(sessions.engine.looksSoFar == 0)
    sessions.engine.pollingSlots.give()
    try await untilOneLooks(sessions) { _ = try await sessions.get("s", String($0), as: Int.self) }
    try await eventually("the thread leaves the replies to those who look") {
      sessions.engine.learnQuickReplies()
      sessions.engine.state.withLock { $0.wakeThread() }
      return !threadAwaitsReplies(sessions)
    }
    expectNobodyLooks(sessions)
  }

  @Test("learn nothing where the process never may")
  func none() async throws {
    let daemon = try FakeDaemon { $0.answerAll(ConcurrencyTests.echo) }
    let sessions = looker(of: daemon, slots: 0)
    defer { daemon.stop() }
    for number in 0..<20 {
      sessions.engine.learnQuickReplies()
      try await expectEcho(sessions, number)
      #expect(sessions.engine.state.withLock { $0.polling.patience } == 0)
      #expect(threadAwaitsReplies(sessions))
    }
    #expect(sessions.engine.looksSoFar == 0)
  }
}
