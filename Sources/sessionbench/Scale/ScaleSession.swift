import SessionWire

/// The sessions of the scale: small ones, so that millions fit. 128 bytes are an id of 32 hexadecimal digits, one key,
/// and its value.
enum ScaleSession {
  static let key = "data"
  /// Of the JSON text: a string of 90 bytes, which begins with the session's id twice.
  static let valueBytes = 92
  /// Longer than any run takes: no read is due to slide it.
  static let timeToLive = Duration.seconds(86_400)

  /// The JSON text of the session's value.
  static func json(_ id: String) -> String {
    let ids = id + id
    return "\"\(ids)\(String(repeating: ".", count: valueBytes - 2 - ids.utf8.count))\""
  }

  /// The request that makes a session.
  static func creation() throws -> RequestTemplate {
    try RequestTemplate { try RequestWriter.mset($0, [(key: key, json: json($0))], timeToLive: timeToLive) }
  }

  /// The request that sets its value anew.
  static func change() throws -> RequestTemplate {
    try RequestTemplate { try RequestWriter.set($0, key, json($0)) }
  }

  /// The request that reads its value.
  static func read() throws -> RequestTemplate {
    try RequestTemplate { try RequestWriter.get($0, key) }
  }

  /// The request that gives it so long from now on.
  static func expiry(_ id: String, in duration: Duration) throws -> [UInt8] {
    var writer = RequestWriter(.expire)
    try writer.session(id)
    try writer.seconds(duration)
    return writer.line
  }

  /// Makes the sessions with these numbers.
  static func fill(_ numbers: Range<Int>, _ stream: inout RequestStream) throws {
    var creation = try Self.creation()
    for number in numbers {
      creation.name(SessionShape.id(number))
      try stream.add(creation.bytes)
    }
    try stream.finish()
  }
}
