import SessionClient

/// The client library's `get`, awaited, as a `String`.
struct AsyncString: ReadMethod {
  let sessions: SessionClient

  nonisolated(nonsending) func read(_ ids: [String]) async throws {
    for id in ids {
      let value: String? = try await sessions.get(id, SessionShape.valueKey)
      guard value?.utf8.count == SessionShape.valueBytes else { throw BenchmarkFailure.wrong(id) }
    }
  }

  nonisolated(nonsending) func text(_ id: String) async throws -> String? {
    let value: String? = try await sessions.get(id, SessionShape.valueKey)
    return value.map { "\"\($0)\"" }
  }
}
