import Glibc
import SessionWire
import SystemCalls
import TestSupport
import Testing

@testable import SessionClient

@Suite("Callers that look for their replies before they sleep", .timeLimit(.minutes(10)))
struct PollingTests {
  @Test("a lone caller looks after quick replies, and every call gets its own")
  func alone() async throws {
    let daemon = try FakeDaemon { $0.answerAll(ConcurrencyTests.echo) }
    let sessions = looker(of: daemon)
    defer { daemon.stop() }
    for _ in 0..<20 {
      try await untilOneLooks(sessions) { number in
        try await expectEcho(sessions, number)
        let second = try sessions.blocking.get("s", String(number), as: Int.self)
        #expect(second == number)
      }
    }
    expectNobodyLooks(sessions)
    let looks = sessions.engine.looksSoFar
    try await Task.sleep(for: .milliseconds(20))
    // Who has nothing to wait for does not look.
    #expect(sessions.engine.looksSoFar == looks)
    #expect(daemon.connections == 1)
  }

  @Test("replies of concurrent callers come to the right ones while one of them looks")
  func concurrent() async throws {
    let daemon = try FakeDaemon { $0.answerAll(ConcurrencyTests.echo) }
    let sessions = looker(of: daemon)
    defer { daemon.stop() }
    try await untilOneLooks(sessions) { _ = try await sessions.get("s", String($0), as: Int.self) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for caller in 0..<4 {
        group.addTask {
          for number in 0..<500 {
            sessions.engine.learnQuickReplies()
            let own = caller * 1000 + number
            try await expectEcho(sessions, own)
            if own % 7 == 0 { await Task.yield() }
          }
        }
      }
      try await group.waitForAll()
    }
    expectNobodyLooks(sessions)
    #expect(daemon.connections == 1)
  }

  @Test("whoever looks hands over the replies of others, wherever the bytes are split")
  func pairs() async throws {
    let daemon = try FakeDaemon { connection in
      var isSplit = false
      while let first = connection.readLine(), let second = connection.readLine() {
        let replies = ConcurrencyTests.echo(first) + ConcurrencyTests.echo(second)
        if isSplit { connection.sendBytewise(replies) } else { connection.send(replies) }
        isSplit.toggle()
      }
    }
    let sessions = looker(of: daemon)
    defer { daemon.stop() }
    for round in 0..<200 {
      sessions.engine.learnQuickReplies()
      async let one = sessions.get("s", String(2 * round), as: Int.self)
      async let other = sessions.get("s", String(2 * round + 1), as: Int.self)
      let replies = try await [one, other]
      #expect(replies == [2 * round, 2 * round + 1])
    }
    expectNobodyLooks(sessions)
  }

  @Test("nobody looks while another's request is under way")
  func notAlone() async throws {
    let asked = Signal()
    let daemon = try FakeDaemon { connection in
      connection.send(connection.readLine().map(ConcurrencyTests.echo) ?? "")
      guard let first = connection.readLine() else { return }
      asked.raise()
      guard let second = connection.readLine() else { return }
      connection.send(ConcurrencyTests.echo(first) + ConcurrencyTests.echo(second))
      connection.waitForEnd()
    }
    let sessions = looker(of: daemon)
    defer { daemon.stop() }
    try await expectEcho(sessions, 0)
    sessions.engine.learnQuickReplies()
    async let one = sessions.get("s", "1", as: Int.self)
    await asked.wait()
    let looks = sessions.engine.looksSoFar
    sessions.engine.learnQuickReplies()
    try await expectEcho(sessions, 2)
    #expect(try await one == 1)
    #expect(sessions.engine.looksSoFar == looks)
  }

  @Test("a reply that comes when the look is over is received by the client's thread")
  func late() async throws {
    let daemon = try FakeDaemon { connection in
      while let line = connection.readLine() {
        // Many times as long as anybody looks.
        usleep(10_000)
        connection.send(ConcurrencyTests.echo(line))
      }
    }
    let sessions = looker(of: daemon)
    defer { daemon.stop() }
    for _ in 0..<10 {
      try await untilOneLooks(sessions) { number in
        try await expectEcho(sessions, number)
      }
      try await untilOneLooks(sessions) { number in
        let second = try sessions.blocking.get("s", String(number), as: Int.self)
        #expect(second == number)
      }
    }
    expectNobodyLooks(sessions)
    #expect(daemon.connections == 1)
  }

  @Test("a caller whose time is over while it looks is told so, and its late reply goes to nobody else")
  func deadline() async throws {
    let daemon = try FakeDaemon { connection in
      while let line = connection.readLine() {
        if line.hasPrefix("INCR") { usleep(10_000) }
        connection.send(ConcurrencyTests.echo(line))
      }
    }
    let sessions = looker(of: daemon)
    defer { daemon.stop() }
    try await untilOneLooks(sessions) { number in
      try await expectEcho(sessions, number)
      sessions.engine.learnQuickReplies()
      let request = PendingRequest(
        line: Array("INCR s 99\n".utf8), repetition: .never, deadline: .now, connectBy: .now)
      #expect(throws: SessionError.timedOut(mayHaveBeenApplied: true)) {
        try sessions.engine.lookAndWait(for: request)
      }
      try await expectEcho(sessions, 7)
    }
    expectNobodyLooks(sessions)
    #expect(daemon.connections == 1)
  }

  @Test("calls that are cancelled while they look or after it end, and others get their own replies")
  func cancellation() async throws {
    let daemon = try FakeDaemon { $0.answerAll(ConcurrencyTests.echo) }
    let sessions = looker(of: daemon)
    defer { daemon.stop() }
    var random = SplitMix64(seed: 20_260_207)
    for number in 0..<1000 {
      sessions.engine.learnQuickReplies()
      let task = Task { try await sessions.get("s", String(number), as: Int.self) }
      for _ in 0..<Int.random(in: 0..<8, using: &random) { await Task.yield() }
      task.cancel()
      switch await task.result {
      case .success(let reply): #expect(reply == number)
      case .failure(let error): #expect(error is CancellationError)
      }
    }
    #expect(try await sessions.get("s", "-1", as: Int.self) == -1)
    expectNobodyLooks(sessions)
  }

  @Test("nobody looks where the option is 0, or the process has no slot")
  func never() async throws {
    let daemon = try FakeDaemon { $0.answerAll(ConcurrencyTests.echo) }
    defer { daemon.stop() }
    for sessions in [looker(of: daemon, busyPoll: .zero), looker(of: daemon, slots: 0)] {
      for number in 0..<200 {
        sessions.engine.learnQuickReplies()
        try await expectEcho(sessions, number)
        let second = try sessions.blocking.get("s", String(number), as: Int.self)
        #expect(second == number)
      }
      #expect(sessions.engine.looksSoFar == 0)
    }
  }

  @Test("the option is bounded")
  func bounds() {
    #expect(SessionClient.Options().boundedBusyPoll == .microseconds(50))
    #expect(SessionClient.Options(busyPoll: .seconds(-1)).boundedBusyPoll == .zero)
    #expect(SessionClient.Options(busyPoll: .seconds(1)).boundedBusyPoll == .milliseconds(1))
  }
}
