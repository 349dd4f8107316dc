import SessionClient
import SystemCalls
import Testing

@testable import sessionbench

@Suite("The threads of the original's table", .timeLimit(.minutes(5))) struct KeeperWorkTests {
  /// Counts what is asked of it.
  private final class Counting: SessionKeeper {
    struct Counts: Equatable {
      var reads = 0
      var writes = 0
    }

    let counts = Guarded(Counts())

    func read(_ id: String) -> String? {
      counts.withLock { $0.reads += 1 }
      return SessionShape.value(id)
    }

    /// Goes to sleep and comes back, as one does that waits for a daemon.
    nonisolated(nonsending) func write(_ id: String, _ value: String) async {
      await Task.yield()
      counts.withLock { $0.writes += 1 }
    }
  }

  @Test("do each work once, to its end", arguments: [0, 30, 100])
  func once(writesPercent: Int) async throws {
    let keeper = Counting()
    let crew = try KeeperCrew(5)
    defer { crew.stop() }
    let works = (0..<5).map { KeeperWork((0..<200).map(SessionShape.id), isOnce: true, seed: UInt64($0)) }
    let time = try await crew.measure(
      Contender(.local, keeper), works, writesPercent: writesPercent, for: nil)
    #expect(time > 0)
    let counts = keeper.counts.withLock { $0 }
    #expect(counts.reads + counts.writes == 1000)
    #expect((counts.writes - 10 * writesPercent).magnitude < 100)
    if writesPercent == 0 { #expect(counts.writes == 0) }
    if writesPercent == 100 { #expect(counts.reads == 0) }
  }

  @Test("are as many at once as there are, though each blocks its thread") func atOnce() async throws {
    /// Comes back when all are there; nobody does if some never come.
    struct Meeting: SessionKeeper {
      let latch: CountdownLatch

      func read(_ id: String) -> String? {
        latch.arrive()
        // Only one of them is woken; the others look again.
        for _ in 0..<60_000 where latch.wait(nanoseconds: 1_000_000) { return SessionShape.value(id) }
        return nil
      }

      func write(_ id: String, _ value: String) {}
    }
    let count = 20
    let crew = try KeeperCrew(count)
    defer { crew.stop() }
    let works = (0..<count).map { KeeperWork([SessionShape.id($0)], isOnce: true, seed: 0) }
    let meeting = Meeting(latch: CountdownLatch(count))
    let time = try await crew.measure(Contender(.local, meeting), works, writesPercent: 0, for: nil)
    #expect(time > 0)
  }

  @Test("end after their time, and can begin again") func duration() async throws {
    let crew = try KeeperCrew(2)
    defer { crew.stop() }
    let local = LocalSessions(options: .init(clock: .stopped))
    let ids = (0..<3).map(SessionShape.id)
    for id in ids { try await local.set(id, SessionShape.valueKey, SessionShape.value(id)) }
    let contender = Contender(.local, LocalKeeper(sessions: local))
    for _ in 0..<3 {
      let works = [KeeperWork(ids, seed: 1), KeeperWork(ids, seed: 2)]
      let time = try await crew.measure(contender, works, writesPercent: 20, for: .milliseconds(5))
      #expect(time > 0)
    }
  }

  @Test("stop all when one of them finds a value wrong") func wrong() async throws {
    let crew = try KeeperCrew(2)
    defer { crew.stop() }
    let local = LocalSessions(options: .init(clock: .stopped))
    let id = SessionShape.id(1)
    try await local.set(id, SessionShape.valueKey, SessionShape.value(id))
    let works = [KeeperWork([id], seed: 1), KeeperWork([SessionShape.id(2)], seed: 2)]
    await #expect(throws: BenchmarkFailure.self) {
      try await crew.measure(
        Contender(.local, LocalKeeper(sessions: local)), works, writesPercent: 0, for: .seconds(60))
    }
  }
}
