import SessionClient

/// The client library's `get` for code that is not async, as a `String`.
struct BlockingString: ReadMethod {
  let sessions: SessionClient.Blocking

  func read(_ ids: [String]) throws {
    for id in ids {
      let value: String? = try sessions.get(id, SessionShape.valueKey)
      guard value?.utf8.count == SessionShape.valueBytes else { throw BenchmarkFailure.wrong(id) }
    }
  }

  func text(_ id: String) throws -> String? {
    let value: String? = try sessions.get(id, SessionShape.valueKey)
    return value.map { "\"\($0)\"" }
  }
}
