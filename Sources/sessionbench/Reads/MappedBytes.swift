import SessionClient

/// The client library's quickest way: a look at the bytes of the JSON text.
struct MappedBytes: ReadMethod {
  let sessions: SessionClient.Blocking
  let key: String
  /// With quotes.
  let bytes: Int

  func read(_ ids: [String]) throws {
    for id in ids {
      guard try sessions.withJSON(id, key, { $0.count }) == bytes else { throw BenchmarkFailure.wrong(id) }
    }
  }

  func text(_ id: String) throws -> String? {
    try sessions.withJSON(id, key) { bytes in
      String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }
  }
}
