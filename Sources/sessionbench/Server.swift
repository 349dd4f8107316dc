import ArgumentParser
import SessionWire

/// Whom the benchmark talks to, and how the requests are written there.
enum Server: String, CaseIterable, ExpressibleByArgument {
  case sessiond
  case redis

  /// How the reply to a change that was made begins.
  var successBytes: [UInt8] {
    switch self {
    case .sessiond: [UInt8(ascii: "O")]
    case .redis: [UInt8(ascii: ":"), UInt8(ascii: "+")]
    }
  }

  /// The requests that make a session, and how many they are.
  func creation(_ id: String) throws -> (bytes: [UInt8], requests: Int) {
    let fields = SessionShape.fields(id)
    switch self {
    case .sessiond:
      var writer = RequestWriter(.mset)
      try writer.session(id)
      try writer.value("{\(fields.map { "\"\($0.key)\":\($0.json)" }.joined(separator: ","))}".utf8)
      return (writer.line, 1)
    case .redis:
      // A hash as a session would be kept, and the value by itself, which is read quicker.
      let hash = Self.resp(["HSET", id] + fields.flatMap { [$0.key, $0.json] })
      let value = Self.resp(["SET", Self.plainKey(id), "\"\(SessionShape.value(id))\""])
      return (hash + value, 2)
    }
  }

  /// The key by which Redis knows a session's value outside of its hash.
  static func plainKey(_ id: String) -> String { "\(id):\(SessionShape.valueKey)" }

  /// A Redis command (RESP2, an array of bulk strings).
  static func resp(_ words: [String]) -> [UInt8] {
    let parts = words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }
    return Array("*\(words.count)\r\n\(parts.joined())".utf8)
  }
}
