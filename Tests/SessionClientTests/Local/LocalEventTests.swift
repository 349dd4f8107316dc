import Testing

@testable import SessionClient

@Suite("Events of one process", .timeLimit(.minutes(10))) struct LocalEventTests {
  @Test("who falls behind by more than are kept is told so, and goes on")
  func slow() async throws {
    let sessions = LocalSessions(options: .init(clock: .stopped))
    var slow = sessions.events().makeAsyncIterator()
    let began = try await slow.begin()
    for _ in 0...LocalJournal.most { try await sessions.increment("s1", "n") }
    let missed = try await slow.next()
    #expect(missed?.kind == .missed)
    #expect(missed?.sequence == began + LocalJournal.most + 1)
    try await sessions.increment("s1", "n")
    #expect(try await slow.next()?.sequence == began + LocalJournal.most + 2)
    // As far as they are kept, all can be had.
    var late = sessions.events(since: began + 2).makeAsyncIterator()
    #expect(try await late.next()?.sequence == began + 3)
  }

  @Test("who waits for another session misses nothing by what happens meanwhile")
  func bystander() async throws {
    let sessions = LocalSessions(options: .init(clock: .stopped))
    let began = Signal()
    let task = Task {
      var iterator = sessions.events(of: "s1").makeAsyncIterator()
      try await iterator.begin()
      began.raise()
      return try await iterator.next()
    }
    await began.wait()
    for _ in 0..<(2 * LocalJournal.most) { try await sessions.increment("s2", "n") }
    try await sessions.delete("s1")
    let version = try await sessions.set("s1", "a", 1)
    let event = try await task.value
    #expect(event?.version == version)
  }

  @Test("every one of many watchers gets every event")
  func crowd() async throws {
    let sessions = LocalSessions(options: .init(clock: .stopped))
    let ready = (0..<8).map { _ in Signal() }
    try await withThrowingTaskGroup(of: [Int].self) { group in
      for signal in ready {
        group.addTask {
          var iterator = sessions.events().makeAsyncIterator()
          try await iterator.begin()
          signal.raise()
          var versions: [Int] = []
          while versions.count < 500, let event = try await iterator.next() {
            versions += [event.version].compactMap(\.self)
          }
          return versions
        }
      }
      for signal in ready { await signal.wait() }
      var versions: [Int] = []
      for _ in 0..<500 { versions.append(try await sessions.set("s1", "a", 1)) }
      for try await seen in group { #expect(seen == versions) }
    }
  }

  @Test("a waiting iteration ends with its task, and with the sessions")
  func ends() async throws {
    let sessions = LocalSessions()
    let tasks = (0..<2).map { _ in Task { for try await _ in sessions.events() {} } }
    try await eventually("both wait") { sessions.unlessClosed { $0.journal.waitersCount } == 2 }
    tasks[0].cancel()
    await #expect(throws: CancellationError.self) { try await tasks[0].value }
    sessions.close()
    await #expect(throws: SessionError.closed) { try await tasks[1].value }
  }
}
