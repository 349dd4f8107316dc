import SessionClient

/// Sessions of the daemon: reads block the thread where the daemon must be asked, writes are awaited, as the library
/// has them.
struct DaemonKeeper: SessionKeeper {
  let client: SessionClient

  func read(_ id: String) throws -> String? {
    try client.blocking.get(id, SessionShape.valueKey, as: String.self)
  }

  nonisolated(nonsending) func write(_ id: String, _ value: String) async throws {
    _ = try await client.set(id, SessionShape.valueKey, value)
  }
}
