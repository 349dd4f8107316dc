import SessionWire
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

  /// The text of the session's value, without quotes.
  static func value(_ id: String) -> String {
    String(repeating: id, count: valueBytes / idBytes)
  }

  /// Keys and values as JSON texts, in the order in which they are set.
  static func fields(_ id: String) -> [(key: String, json: String)] {
    [
      (smallKey, "\"\(id.prefix(smallBytes))\""),
      ("theme", "\"dark\""),
      ("visits", "42"),
      (valueKey, "\"\(value(id))\""),
    ]
  }

  /// The request that sets the session's value anew.
  static func change(_ id: String) throws -> [UInt8] {
    var writer = RequestWriter(.set)
    try writer.session(id)
    try writer.key(valueKey)
    try writer.value("\"\(value(id))\"".utf8)
    return writer.line
  }
}
