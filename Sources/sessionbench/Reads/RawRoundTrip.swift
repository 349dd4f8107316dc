/// A request and its reply over a bare connection, one after the other: what a server needs at least.
final class RawRoundTrip: ReadMethod {
  private let connection: RawConnection
  private var request: RequestTemplate
  /// What stands before and behind the JSON text.
  private let prefix: [UInt8]
  private let replyBytes: Int

  /// - Parameters:
  ///   - request: what is asked for a session.
  ///   - prefix: what the reply has in front of the value.
  ///   - suffix: what it has behind.
  init(
    socket: String, request: (_ id: String) throws -> [UInt8], prefix: String, suffix: String
  ) throws {
    connection = try RawConnection(socket)
    self.request = try RequestTemplate(request)
    self.prefix = Array(prefix.utf8)
    replyBytes = prefix.utf8.count + SessionShape.valueBytes + 2 + suffix.utf8.count
  }

  func read(_ ids: [String]) throws {
    for id in ids {
      try exchange(id)
      guard connection.received.starts(with: prefix) else { throw BenchmarkFailure.wrong(id) }
    }
  }

  func text(_ id: String) throws -> String? {
    try exchange(id)
    let start = prefix.count
    return String(decoding: connection.received[start..<start + SessionShape.valueBytes + 2], as: UTF8.self)
  }

  private func exchange(_ id: String) throws {
    request.name(id)
    try connection.send(request.bytes)
    let count = try connection.receive()
    // So short a reply comes in one piece.
    guard count == replyBytes else { throw BenchmarkFailure.wrong(id) }
  }
}
