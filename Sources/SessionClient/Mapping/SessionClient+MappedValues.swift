internal import SessionSegment
internal import SessionWire

/// Values out of the mapping, as the daemon would have sent them. What is not `.unknown` is final.
extension SessionClient {
  /// The value of one key. One function for all types, since in generic code a variable of the type `Value?`
  /// alone costs more than a read.
  func mappedValue(
    _ session: String, _ key: String, _ kind: PlainValue.Kind, sliding: Bool
  ) throws(SessionError) -> PlainValue {
    var value = PlainValue.nothing
    let answer = readMapped(session, key, sliding: sliding) { json in
      value = PlainValue(json, kind)
    }
    switch answer {
    case .found: return value
    case .unknown: return .unknown
    case .noSuchKey:
      try Self.check(key)
      return .nothing
    }
  }

  /// Hands over the JSON text of one key's value.
  @usableFromInline
  func readMappedJSON(
    _ session: String, _ key: String, _ use: (Span<UInt8>) -> Void
  ) throws(SessionError) -> MappedAnswer {
    let answer = readMapped(session, key, sliding: true, use)
    if answer == .noSuchKey { try Self.check(key) }
    return answer
  }

  /// The whole session, or the keys asked for.
  func mappedObject<Value: Decodable>(
    _ session: String, _ keys: [String]?, _ type: Value.Type, sliding: Bool, _ answer: inout MappedAnswer
  ) throws(SessionError) -> Value? {
    // More are for the daemon to refuse.
    if let keys, keys.count > Limits.wordsPerRequest { return nil }
    var json: [UInt8] = []
    answer = readMapped(session, sliding: sliding) { record in
      json = Self.object(record, keys)
    }
    guard answer == .found else { return nil }
    for key in keys ?? [] { try Self.check(key) }
    return try ValueCoding.decode(type, from: json)
  }

  /// The whole session with its version; nothing if the daemon must be asked.
  func mappedSnapshot(_ session: String) -> (version: Int, json: [UInt8])? {
    var version = 0
    var json: [UInt8] = []
    let answer = readMapped(session, sliding: false) { record in
      version = Int(record.version)
      json = Self.object(record, nil)
    }
    return answer == .found ? (version, json) : nil
  }

  /// The JSON object with a member for each field, or for those asked for; in the record's order.
  private static func object(_ record: borrowing RecordView, _ keys: [String]?) -> [UInt8] {
    let wanted = keys.map { Set($0.map { Array($0.utf8) }) }
    var json: [UInt8] = []
    json.reserveCapacity(record.size + 4 * record.fieldCount)
    json.append(UInt8(ascii: "{"))
    record.forEachField { key, value in
      if let wanted, !wanted.contains(Array(key)) { return }
      if json.count > 1 { json.append(UInt8(ascii: ",")) }
      json.appendQuoted(key)
      json.append(UInt8(ascii: ":"))
      json.append(value)
    }
    json.append(UInt8(ascii: "}"))
    return json
  }

  /// Throws what the daemon would have been asked with if the key is none.
  @inline(never)
  private static func check(_ key: String) throws(SessionError) {
    var writer = RequestWriter(.get)
    do throws(RequestWriter.Refusal) {
      try writer.key(key)
    } catch {
      throw SessionError(error)
    }
  }
}

extension [UInt8] {
  /// A copy of the bytes.
  init(_ bytes: Span<UInt8>) {
    self = []
    append(bytes)
  }
}
