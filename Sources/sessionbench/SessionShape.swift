import TestSupport

/// The sessions of the benchmark: an id of 32 hexadecimal digits and four keys, of which the last is the
/// one that is read. `Benchmarks/lmdb_reads.c` makes the same.
struct SessionShape {
  static let idBytes = 32
  /// Its value is a string of 256 bytes, the session's id eight times: 258 bytes of JSON text.
  static let valueKey = "profile"
  static let valueBytes = 256
  /// Its value is a string of 16 bytes.
  static let smallKey = "user"
  static let smallBytes = 16

  /// The id of the session with this number.
  static func id(_ number: Int) -> String {
    var random = SplitMix64(seed: UInt64(truncatingIfNeeded: number))
    var digits = [UInt8](repeating: 0, count: idBytes)
    for start in [0, 16] {
      var word = random.next()
      for place in start..<start + 16 {
        let digit = UInt8(truncatingIfNeeded: word >> 60)
        digits[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        word <<= 4
      }
    }
    return String(decoding: digits, as: UTF8.self)
  }

  /// The text of the session's value, without quotes: its id again and again.
  static func value(_ id: String, bytes: Int = Self.valueBytes) -> String {
    String(String(repeating: id, count: (bytes + idBytes - 1) / idBytes).prefix(bytes))
  }

  /// Keys and values as JSON texts, in the order in which they are set.
  static func fields(_ id: String, valueBytes: Int = Self.valueBytes) -> [(key: String, json: String)] {
    [
      (smallKey, "\"\(id.prefix(smallBytes))\""),
      ("theme", "\"dark\""),
      ("visits", "42"),
      (valueKey, "\"\(value(id, bytes: valueBytes))\""),
    ]
  }

  /// A JSON object of such fields.
  static func object(_ fields: [(key: String, json: String)]) -> String {
    "{\(fields.map { "\"\($0.key)\":\($0.json)" }.joined(separator: ","))}"
  }

  /// What a session is: the bytes of its id, its keys and its values.
  static func payloadBytes(valueBytes: Int) -> Int {
    fields(id(0), valueBytes: valueBytes).reduce(idBytes) { $0 + $1.key.utf8.count + $1.json.utf8.count }
  }

  /// The request that sets the session's value anew.
  static func change(_ id: String) throws -> [UInt8] {
    try Server.sessiond.write(id, "\"\(value(id))\"")
  }
}
