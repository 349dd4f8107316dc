/// A request and its reply over a bare connection, one after the other: what a server needs at least.
final class RawRoundTrip: ReadMethod {
  private var connection: RawConnection
  /// The request, with the place where the id stands.
  private var request: [UInt8]
  private let idStart: Int
  /// What stands before and behind the JSON text.
  private let prefix: [UInt8]
  private let replyBytes: Int

  /// - Parameters:
  ///   - request: what is asked for a session.
  ///   - prefix: what the reply has in front of the value.
  ///   - suffix: what it has behind.
  init(
    socket: String, request: (_ id: String) -> [UInt8], prefix: String, suffix: String
  ) throws {
    connection = try RawConnection(socket)
    let placeholder = SessionShape.id(0)
    let bytes = request(placeholder)
    guard let place = bytes.indices.first(where: { bytes[$0...].starts(with: placeholder.utf8) }) else {
      throw BenchmarkFailure("the request does not name the session")
    }
    self.request = bytes
    idStart = place
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
    var place = idStart
    for byte in id.utf8 {
      request[place] = byte
      place += 1
    }
    try connection.send(request)
    let count = try connection.receive()
    // So short a reply comes in one piece.
    guard count == replyBytes else { throw BenchmarkFailure.wrong(id) }
  }
}
