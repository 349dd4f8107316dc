import SessionClient

/// Asks a daemon what it has counted of its store.
struct StoreProbe {
  private let client: SessionClient

  init(socket: String) {
    client = SessionClient(socket: socket, options: SessionClient.Options(mapping: .off))
  }

  /// How many ids it has asked the store for.
  func loads() async throws -> Int { try await statistics().loads }

  /// How many sessions it has filled its empty cache with.
  func warmed() async throws -> Int { try await statistics().warm ?? 0 }

  private func statistics() async throws -> ServerStatistics.Store {
    guard let store = try await client.stats().store else {
      throw BenchmarkFailure("the daemon has no store")
    }
    return store
  }
}
