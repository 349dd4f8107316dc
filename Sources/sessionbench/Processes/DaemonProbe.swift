import Glibc
import SessionClient
import SystemCalls

/// Asks a daemon over its socket what it counts, and waits until that is as wanted.
struct DaemonProbe: Sendable {
  private static let pause = Duration.milliseconds(20)
  private static let patience: Int64 = 60_000_000_000
  /// Warming up may take longer than that, but not stand still for so long.
  private static let warmingPatience: Int64 = 10_000_000_000

  private let client: SessionClient

  init(socket: String) {
    client = SessionClient(socket: socket, options: SessionClient.Options(mapping: .off))
  }

  func statistics() async throws -> ServerStatistics { try await client.stats() }

  private func store() async throws -> ServerStatistics.Store {
    guard let store = try await statistics().store else { throw BenchmarkFailure("the daemon has no store") }
    return store
  }

  /// How many ids it has asked the store for.
  func loads() async throws -> Int { try await store().loads }

  /// Wants that there are so many sessions.
  func expect(sessions: Int) async throws {
    let found = try await statistics().sessions
    guard found == sessions else {
      throw BenchmarkFailure("the daemon has \(found) sessions in place of \(sessions)")
    }
  }

  /// Asks again and again until it is as wanted, for a minute.
  ///
  /// - Parameter what: what the daemon does, for the error.
  func wait(_ what: String, until isSo: (ServerStatistics) -> Bool) async throws {
    let end = BootClock.system.now() + Self.patience
    while try await !isSo(statistics()) {
      guard BootClock.system.now() < end else {
        throw BenchmarkFailure("within a minute the daemon does not \(what)")
      }
      try await Task.sleep(for: Self.pause)
    }
  }

  /// Until its store has all that was changed.
  func awaitSaved() async throws {
    try await wait("save all that was changed") { ($0.store?.unsaved ?? 0) == 0 }
  }

  /// Until there is nothing in its memory that it could read; what there is, is in its store.
  func awaitEmpty() async throws {
    try await wait("let go of its sessions") { $0.sessions == 0 && ($0.store?.unsaved ?? 0) == 0 }
  }

  /// Until it has given back what memory it gives back.
  ///
  /// - Parameter nanoseconds: as long as nothing is given back any more.
  func awaitMemory(stillFor nanoseconds: Int64) async throws {
    var reserved = try await statistics().memory.reserved
    var changedAt = BootClock.system.now()
    try await wait("come to an end with giving back memory") { statistics in
      let now = BootClock.system.now()
      if statistics.memory.reserved != reserved { (reserved, changedAt) = (statistics.memory.reserved, now) }
      return now - changedAt >= nanoseconds
    }
  }

  /// Until it has filled its empty cache with so many sessions of its store.
  ///
  /// - Parameter pauseMicroseconds: between two looks; not more, since that is what is measured.
  /// - Returns: how many there were at the first look and at the last, and the nanoseconds between the two.
  func awaitWarm(
    _ sessions: Int, pauseMicroseconds: UInt32
  ) async throws -> (first: Int, last: Int, nanoseconds: Int64) {
    let first = try await store().warm ?? 0
    let start = BootClock.system.now()
    var (loaded, changedAt) = (first, start)
    while loaded < sessions {
      usleep(pauseMicroseconds)
      let now = BootClock.system.now()
      let warm = try await store().warm ?? 0
      if warm > loaded { (loaded, changedAt) = (warm, now) }
      guard now - changedAt < Self.warmingPatience else {
        throw BenchmarkFailure("it stopped at \(loaded) of \(sessions) sessions")
      }
    }
    return (first, loaded, changedAt - start)
  }
}
