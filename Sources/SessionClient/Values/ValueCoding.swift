internal import FoundationEssentials
internal import SessionWire

/// Values to JSON and back. The common types take a quick path; all others go through the JSON coder.
enum ValueCoding {
  /// JSON has no dates: a number of seconds since 1970 is what other languages read most easily.
  private static let encoder: JSONEncoder = {
    let encoder = JSONEncoder()
    // Equal values shall have equal texts, whatever the order of a hash table is today.
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    encoder.dateEncodingStrategy = .secondsSince1970
    return encoder
  }()

  private static let decoder: JSONDecoder = {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .secondsSince1970
    return decoder
  }()

  static func encode<Value: Encodable>(_ value: Value) throws(SessionError) -> [UInt8] {
    switch value {
    case let text as String where Value.self == String.self:
      var bytes: [UInt8] = []
      bytes.reserveCapacity(text.utf8.count + 2)
      RequestWriter.appendString(text, to: &bytes)
      return bytes
    case let number as Int where Value.self == Int.self:
      return Array(String(number).utf8)
    case let truth as Bool where Value.self == Bool.self:
      return Array((truth ? "true" : "false").utf8)
    case let number as Double where Value.self == Double.self:
      guard let number = SessionValue.Number(number) else { throw .encoding("JSON has no \(number)") }
      return Array(number.text.utf8)
    case let value as SessionValue:
      return value.json
    case let object as SessionValue.Object:
      return SessionValue.object(object).json
    case let raw as SessionJSON:
      return Array(raw.text.utf8)
    default:
      do {
        return Array(try encoder.encode(value))
      } catch {
        throw .encoding(String(describing: error))
      }
    }
  }

  static func decode<Value: Decodable>(_ type: Value.Type, from json: [UInt8]) throws(SessionError) -> Value {
    if let found = try quickly(type, json), let value = found as? Value { return value }
    do {
      return try decoder.decode(type, from: Data(json))
    } catch {
      throw .decoding(String(describing: error))
    }
  }

  /// The value where the type has a quick path and the text is as plain as it usually is.
  private static func quickly(_ type: any Any.Type, _ json: [UInt8]) throws(SessionError) -> (any Sendable)? {
    if type == String.self { return plainString(json) }
    if type == Int.self { return plainNumber(json).flatMap { Int($0) } }
    if type == Bool.self {
      if json.elementsEqual("true".utf8) { return true }
      return json.elementsEqual("false".utf8) ? false : nil
    }
    if type == Double.self {
      // Too large a number is left to the decoder, which says so.
      return plainNumber(json).flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
    }
    if type == SessionValue.self { return try JSONReader.read(json) }
    if type == SessionJSON.self { return try SessionJSON(received: json) }
    if type == SessionValue.Object.self {
      guard case .object(let object) = try JSONReader.read(json) else {
        throw .decoding("an object was asked for")
      }
      return object
    }
    return nil
  }

  /// The text of a string in quotes, unless it holds escapes.
  private static func plainString(_ json: [UInt8]) -> String? {
    guard json.count >= 2, json.first == UInt8(ascii: "\""), json.last == UInt8(ascii: "\"") else {
      return nil
    }
    let text = json[1..<(json.count - 1)]
    guard !text.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") }) else { return nil }
    return String(validating: text, as: UTF8.self)
  }

  /// The text of a number.
  private static func plainNumber(_ json: [UInt8]) -> String? {
    SessionValue.Number(String(decoding: json, as: UTF8.self))?.text
  }
}
