import SessionWire

/// A session of a wanted size: that of its id, its keys and the JSON text of its values.
struct SizedSession {
  /// With an empty value.
  static let bytesLeast = SessionShape.payloadBytes(valueBytes: 0)

  let id: String
  /// Keys and values as JSON texts.
  let fields: [(key: String, json: String)]

  /// - Parameter bytes: `bytesLeast` at least.
  init(_ number: Int, bytes: Int) {
    id = SessionShape.id(number)
    fields = SessionShape.fields(id, valueBytes: bytes - Self.bytesLeast)
  }

  /// The request that makes it.
  func creation(idle: Duration) throws -> [UInt8] {
    try RequestWriter.mset(id, fields, timeToLive: idle)
  }
}
