import Glibc
import SessionWire
import SystemCalls
import TestSupport
import Testing

@testable import SessionClient

@Suite("Callers that look for their replies, where the connection does not last", .timeLimit(.minutes(10)))
struct PollingLossTests {
  @Test("whoever finds the end of the connection when it looks has the next one made")
  func lost() async throws {
    let daemon = try FakeDaemon { connection in
      while let line = connection.readLine() {
        // The first time that it is asked on each odd connection.
        if line.hasSuffix("end"), !connection.number.isMultiple(of: 2) { return }
        connection.send(line.hasSuffix("end") ? "OK 5\n" : ConcurrencyTests.echo(line))
        if line.hasSuffix("end") { return }
      }
    }
    let sessions = looker(of: daemon)
    defer { daemon.stop() }
    for _ in 0..<5 {
      try await untilOneLooks(sessions) { number in
        try await expectEcho(sessions, number)
        sessions.engine.learnQuickReplies()
        // A read is sent again.
        let second = try await sessions.get("s", "end", as: Int.self)
        #expect(second == 5)
      }
    }
    expectNobodyLooks(sessions)
  }

  @Test("a change whose connection is lost while its caller looks may have been applied")
  func lostChange() async throws {
    let daemon = try FakeDaemon { connection in
      while let line = connection.readLine(), !line.hasPrefix("INCR") {
        connection.send(ConcurrencyTests.echo(line))
      }
    }
    let sessions = looker(of: daemon)
    defer { daemon.stop() }
    try await untilOneLooks(sessions) { number in
      try await expectEcho(sessions, number)
      sessions.engine.learnQuickReplies()
      await #expect(throws: SessionError.disconnected(mayHaveBeenApplied: true)) {
        try await sessions.increment("s", "n")
      }
    }
    expectNobodyLooks(sessions)
  }

  @Test("a client that is closed while one looks fails that call")
  func closed() async throws {
    for _ in 0..<20 {
      let asked = Signal()
      let daemon = try FakeDaemon { connection in
        connection.send(connection.readLine().map(ConcurrencyTests.echo) ?? "")
        _ = connection.readLine()
        asked.raise()
        connection.waitForEnd()
      }
      let sessions = looker(of: daemon)
      defer { daemon.stop() }
      try await expectEcho(sessions, 1)
      sessions.engine.learnQuickReplies()
      let count = Task { try await sessions.increment("s", "k") }
      await asked.wait()
      sessions.close()
      await #expect(throws: SessionError.disconnected(mayHaveBeenApplied: true)) { try await count.value }
      expectNobodyLooks(sessions)
    }
  }

  @Test(
    "a reply that came unasked between two looks, or a part of one, is not taken for the next one's",
    arguments: ["OK 99\n", "OK 9"])
  func strayReply(stray: String) async throws {
    let (taken, sent) = (Signal(), Signal())
    let daemon = try FakeDaemon { connection in
      while let line = connection.readLine() {
        connection.send(ConcurrencyTests.echo(line))
        guard connection.number == 1, line.hasSuffix(" 7") else { continue }
        taken.block()
        connection.send(stray)
        sent.raise()
      }
    }
    let sessions = looker(of: daemon)
    defer { daemon.stop() }
    for _ in 0..<1000 where sessions.engine.state.withLock({ $0.threadAwaitsReplies }) {
      sessions.engine.learnQuickReplies()
      try await expectEcho(sessions, 3)
    }
    try await expectEcho(sessions, 7)
    taken.raise()
    await sent.wait()
    sessions.engine.learnQuickReplies()
    var answer: Int?
    for _ in 0..<3 where answer == nil {
      do { answer = try await sessions.get("s", "8", as: Int.self) } catch SessionError.protocolViolation {}
    }
    #expect(answer == 8)
    #expect(daemon.connections == 2)
  }

  @Test("the end of the connection is noticed while nobody waits for anything")
  func endWhileIdle() async throws {
    let end = Signal()
    let daemon = try FakeDaemon { connection in
      for _ in 0..<2000 {
        guard let line = connection.readLine(), !line.hasSuffix("end") else { break }
        connection.send(ConcurrencyTests.echo(line))
      }
      connection.send("OK 1\n")
      end.block()
    }
    let sessions = looker(of: daemon)
    defer { daemon.stop() }
    // The thread leaves the next reply to whoever looks for it.
    for _ in 0..<1000 where sessions.engine.state.withLock({ $0.threadAwaitsReplies }) {
      sessions.engine.learnQuickReplies()
      try await expectEcho(sessions, 3)
      try await Task.sleep(for: .milliseconds(1))
    }
    let second = try await sessions.get("s", "end", as: Int.self)
    #expect(second == 1)
    end.raise()
    try await eventually("the client knows") { sessions.engine.state.withLock { $0.connection == nil } }
  }
}
