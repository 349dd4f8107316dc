import SessionClient

/// Sessions of this process alone.
struct LocalKeeper: SessionKeeper {
  let sessions: LocalSessions

  nonisolated(nonsending) func read(_ id: String) async throws -> String? {
    try await sessions.get(id, SessionShape.valueKey, as: String.self)
  }

  nonisolated(nonsending) func write(_ id: String, _ value: String) async throws {
    _ = try await sessions.set(id, SessionShape.valueKey, value)
  }
}
