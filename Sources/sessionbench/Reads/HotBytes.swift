import SessionClient

/// The client library's quickest way to a small value of one and the same session.
struct HotBytes: ReadMethod {
  let sessions: SessionClient.Blocking

  func read(_ ids: [String]) throws {
    // Held here, as by a program that reads one session again and again: taken out of the array each time it
    // would be retained each time.
    guard let id = ids.first else { return }
    for _ in ids.indices {
      guard try sessions.withJSON(id, SessionShape.smallKey, { $0.count }) == SessionShape.smallBytes + 2
      else {
        throw BenchmarkFailure.wrong(id)
      }
    }
  }

  func text(_ id: String) throws -> String? {
    try sessions.withJSON(id, SessionShape.smallKey) { JSONText.copy($0) }
  }
}
