internal import SessionWire

extension SessionValue {
  /// Reads one JSON value (RFC 8259), at most 128 deep. Of a key that comes twice in an object, the last
  /// value counts.
  ///
  /// Throws `SessionError.decoding` with the place and the reason.
  public init(json text: String) throws(SessionError) {
    self = try JSONReader.read(Array(text.utf8))
  }

  /// The value as JSON text without white space.
  var json: [UInt8] {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return bytes
  }

  private func append(to bytes: inout [UInt8]) {
    switch self {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .int(let value): bytes.append(contentsOf: String(value).utf8)
    case .number(let number): bytes.append(contentsOf: number.text.utf8)
    case .string(let text): RequestWriter.appendString(text, to: &bytes)
    case .array(let values):
      bytes.append(UInt8(ascii: "["))
      for (position, value) in values.enumerated() {
        if position > 0 { bytes.append(UInt8(ascii: ",")) }
        value.append(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let object):
      bytes.append(UInt8(ascii: "{"))
      for (position, entry) in object.enumerated() {
        if position > 0 { bytes.append(UInt8(ascii: ",")) }
        RequestWriter.appendString(entry.key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        entry.value.append(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }
}

extension SessionValue: CustomStringConvertible {
  /// The JSON text.
  public var description: String { String(decoding: json, as: UTF8.self) }
}
