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
    case let dump as SessionDump:
      return SessionValue.object(dump.object).json
    default:
      do {
        return Array(try encoder.encode(value))
      } catch {
        throw .encoding(String(describing: error))
      }
    }
  }

  /// Reads a value out of JSON text.
  static func decode<Value: Decodable>(_ type: Value.Type, from json: [UInt8]) throws(SessionError) -> Value {
    switch PlainValue(json.span, PlainValue.Kind(type)) {
    case .string(let text): return same(text, as: type)
    case .int(let number): return same(number, as: type)
    case .bool(let truth): return same(truth, as: type)
    case .double(let number): return same(number, as: type)
    case .json, .nothing, .unknown: return try decodeOther(type, from: json)
    }
  }

  /// Makes a value of what a read came to, which is not `.unknown`.
  @inline(never)
  static func value<Value: Decodable>(
    _ plain: consuming PlainValue, as type: Value.Type
  ) throws(SessionError) -> Value? {
    switch consume plain {
    case .string(let text): return same(text, as: type)
    case .int(let number): return same(number, as: type)
    case .bool(let truth): return same(truth, as: type)
    case .double(let number): return same(number, as: type)
    case .json(let json): return try decodeOther(type, from: json)
    case .nothing, .unknown: return nil
    }
  }

  @inline(never)
  private static func decodeOther<Value: Decodable>(
    _ type: Value.Type, from json: [UInt8]
  ) throws(SessionError) -> Value {
    if type == SessionValue.self { return same(try JSONReader.read(json), as: type) }
    if type == SessionJSON.self { return same(try SessionJSON(received: json), as: type) }
    if type == SessionValue.Object.self || type == SessionDump.self {
      guard case .object(let object) = try JSONReader.read(json) else {
        throw .decoding("an object was asked for")
      }
      return type == SessionDump.self
        ? same(try SessionDump(object), as: type) : same(object, as: type)
    }
    do {
      return try decoder.decode(type, from: Data(json))
    } catch {
      throw .decoding(String(describing: error))
    }
  }

  /// A value as the type that it has by another name: for the callers, which have compared the two.
  @inline(__always)
  static func same<One, Same>(_ value: One, as type: Same.Type) -> Same {
    precondition(One.self == type)
    // Safe: the types are one.
    return unsafeBitCast(value, to: type)
  }
}
