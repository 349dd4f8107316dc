import SessionClient

/// The client library's quickest way to the value of a small session, such as `sessionbench scale fill` makes.
struct SmallBytes: ReadMethod {
  let sessions: SessionClient.Blocking

  // Not by a key and a length that `MappedBytes` is told: its instructions are counted (scripts/check-perf.sh).
  func read(_ ids: [String]) throws {
    for id in ids {
      guard try sessions.withJSON(id, ScaleSession.key, { $0.count }) == ScaleSession.valueBytes else {
        throw BenchmarkFailure.wrong(id)
      }
    }
  }

  func text(_ id: String) throws -> String? {
    try sessions.withJSON(id, ScaleSession.key) { JSONText.copy($0) }
  }
}
