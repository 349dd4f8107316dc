import SessionClient

/// The client library's quickest way to a value: a look at the bytes of its JSON text.
struct MappedBytes: ReadMethod {
  let sessions: SessionClient.Blocking

  func read(_ ids: [String]) throws {
    for id in ids {
      guard try sessions.withJSON(id, SessionShape.valueKey, { $0.count }) == SessionShape.valueBytes + 2
      else {
        throw BenchmarkFailure.wrong(id)
      }
    }
  }

  func text(_ id: String) throws -> String? {
    try sessions.withJSON(id, SessionShape.valueKey) { JSONText.copy($0) }
  }
}
