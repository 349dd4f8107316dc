import SessionWire
import Synchronization
import Testing

@testable import SessionClient

/// A session behind a `FakeDaemon` that others write to at chosen moments.
private final class FakeSession: Sendable {
  struct State {
    var version = 1
    var data = #"{"n":1}"#
    /// Before so many more writes others are faster.
    var rivals = 0
    var writes: [String] = []
  }

  let state: Mutex<State>

  init(rivals: Int = 0) {
    state = Mutex(State(rivals: rivals))
  }

  /// The reply to a line; nothing for a write whose reply is to be lost.
  func answer(_ line: String) -> String {
    state.withLock { state in
      if line == "DUMP s" {
        return #"OK {"session":"s","version":\#(state.version),"idle":1,"tags":[],"data":\#(state.data)}"#
      }
      if line == "TOUCH s" { return "OK 1" }
      state.writes.append(line)
      if state.rivals > 0 {
        state.rivals -= 1
        state.version += 1
      }
      guard line.contains(" IF \(state.version) ") else {
        return "ERR conflict current version \(state.version)"
      }
      state.version += 1
      state.data = String(line[line.firstIndex(of: "{")!...])
      return "OK \(state.version)"
    }
  }
}

@Suite("Updates", .timeLimit(.minutes(10))) struct UpdateTests {
  private func count(_ values: inout SessionValue.Object) -> Int {
    let number = (values["n"]?.intValue ?? 0) + 1
    values["n"] = .int(number)
    return number
  }

  @Test("are made again after others' changes, after pauses of random length within a growing bound")
  func conflicts() async throws {
    let session = FakeSession(rivals: 12)
    let daemon = try FakeDaemon { $0.answerAll { session.answer($0) + "\n" } }
    defer { daemon.stop() }
    let sessions = client(of: daemon)
    let pauses = Mutex<[Duration]>([])
    let retries = UpdateRetries(
      random: { 0.5 }, sleep: { pause in pauses.withLock { $0.append(pause) } })
    let number = try await sessions.update("s", beginsSession: false, ttl: nil, retries: retries) {
      count(&$0)
    }
    #expect(number == 2)
    #expect(session.state.withLock(\.writes.count) == 13)
    #expect(session.state.withLock(\.data) == #"{"n":2}"#)
    let bounds = [100, 200, 400, 800, 1600, 3200, 6400, 12800, 20000, 20000, 20000, 20000]
    #expect(pauses.withLock(\.self) == bounds.map { .microseconds($0) * 0.5 })
  }

  @Test("give up after sixty attempts, with the conflict")
  func bound() async throws {
    let session = FakeSession(rivals: .max)
    let daemon = try FakeDaemon { $0.answerAll { session.answer($0) + "\n" } }
    defer { daemon.stop() }
    let sessions = client(of: daemon)
    let calls = Mutex(0)
    await #expect(throws: SessionError.conflict(currentVersion: 61)) {
      try await sessions.update(
        "s", beginsSession: false, ttl: nil, retries: UpdateRetries(sleep: { _ in })
      ) { values in
        calls.withLock { $0 += 1 }
        return count(&values)
      }
    }
    #expect(calls.withLock(\.self) == 60)
  }

  @Test("end when their task is cancelled while they pause")
  func cancelled() async throws {
    let session = FakeSession(rivals: .max)
    let daemon = try FakeDaemon { $0.answerAll { session.answer($0) + "\n" } }
    defer { daemon.stop() }
    let sessions = client(of: daemon)
    let retries = UpdateRetries(sleep: { _ in try await Task.sleep(for: .seconds(600)) })
    let task = Task {
      try await sessions.update("s", beginsSession: false, ttl: nil, retries: retries) { count(&$0) }
    }
    try await eventually("it pauses") { !session.state.withLock(\.writes.isEmpty) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test("write only what became different, and keys that went, with the version that was read")
  func difference() async throws {
    let session = FakeSession()
    session.state.withLock { $0.data = #"{"a":1.50,"b":{"x":1,"y":2},"c d":3}"# }
    let daemon = try FakeDaemon { $0.answerAll { session.answer($0) + "\n" } }
    defer { daemon.stop() }
    let sessions = client(of: daemon)
    try await sessions.update("s", ttl: .seconds(60)) { values in
      values["b"] = ["y": 2, "x": 1]
      values["c d"] = nil
      values["e"] = true
    }
    #expect(session.state.withLock(\.writes) == [#"MSET s IF 1 TTL 60 DROP "c d" {"e":true}"#])
    try await sessions.update("s") { _ in }
    #expect(daemon.lines.last == "TOUCH s")
  }

  @Test("whose closure throws write nothing")
  func failing() async throws {
    let session = FakeSession()
    let daemon = try FakeDaemon { $0.answerAll { session.answer($0) + "\n" } }
    defer { daemon.stop() }
    let sessions = client(of: daemon)
    await #expect(throws: TestFailure.self) {
      try await sessions.update("s") { values in
        values["n"] = 5
        throw TestFailure("on purpose")
      }
    }
    #expect(daemon.lines == ["DUMP s"])
  }

  @Test("whose reply was lost are made again if the session shows that they were not executed")
  func lostBefore() async throws {
    let session = FakeSession()
    let daemon = try FakeDaemon { connection in
      while let line = connection.readLine() {
        // The first connection goes before the write is executed.
        if connection.number == 1, line.hasPrefix("MSET") { return }
        connection.send(session.answer(line) + "\n")
      }
    }
    defer { daemon.stop() }
    let number = try await client(of: daemon).update("s") { count(&$0) }
    #expect(number == 2)
    #expect(session.state.withLock(\.writes) == [#"MSET s IF 1 {"n":2}"#])
    #expect(daemon.lines.count { $0.hasPrefix("MSET") } == 2)
  }

  @Test("whose reply was lost are not made twice: where the session changed, the error says so")
  func lostAfter() async throws {
    let session = FakeSession()
    let daemon = try FakeDaemon { connection in
      while let line = connection.readLine() {
        let answer = session.answer(line)
        // The first connection goes once the write is executed.
        if connection.number == 1, line.hasPrefix("MSET") { return }
        connection.send(answer + "\n")
      }
    }
    defer { daemon.stop() }
    let sessions = client(of: daemon)
    await #expect(throws: SessionError.disconnected(mayHaveBeenApplied: true)) {
      try await sessions.update("s") { count(&$0) }
    }
    #expect(session.state.withLock(\.data) == #"{"n":2}"#)
    #expect(daemon.lines.count { $0.hasPrefix("MSET") } == 1)
  }

  @Test("of an id that can only be read throw, and of none are nothing")
  func closed() async throws {
    let daemon = try FakeDaemon { connection in
      connection.answerAll { line in
        switch line {
        case "EXISTS alias": "OK true\n"
        case "EXISTS none": "OK false\n"
        default: "NIL\n"
        }
      }
    }
    defer { daemon.stop() }
    let sessions = client(of: daemon)
    await #expect {
      try await sessions.update("alias") { _ in }
    } throws: { error in
      if case SessionError.revoked = error { true } else { false }
    }
    #expect(try await sessions.update("none") { _ in 1 } == nil)
  }
}
