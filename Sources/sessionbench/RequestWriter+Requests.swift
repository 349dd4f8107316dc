import SessionWire

/// Whole requests to sessiond.
extension RequestWriter {
  /// - Parameter key: without one, all of the session.
  static func get(_ id: String, _ key: String? = nil) throws -> [UInt8] {
    var writer = RequestWriter(.get)
    try writer.session(id)
    if let key { try writer.key(key) }
    return writer.line
  }

  static func set(_ id: String, _ key: String, _ json: String) throws -> [UInt8] {
    var writer = RequestWriter(.set)
    try writer.session(id)
    try writer.key(key)
    try writer.value(json.utf8)
    return writer.line
  }

  /// - Parameter fields: keys and JSON texts.
  static func mset(
    _ id: String, _ fields: [(key: String, json: String)], timeToLive: Duration? = nil
  ) throws -> [UInt8] {
    var writer = RequestWriter(.mset)
    try writer.session(id)
    if let timeToLive { try writer.timeToLive(timeToLive) }
    try writer.value(SessionShape.object(fields).utf8)
    return writer.line
  }
}
