/// Reads one JSON value (RFC 8259) from bytes.
struct JSONReader {
  /// Deeper nesting is refused: the daemon allows 64 in a value, and a session is one level more.
  static let nestingMax = 128

  private let bytes: [UInt8]
  private var position = 0

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  static func read(_ bytes: [UInt8]) throws(SessionError) -> SessionValue {
    var reader = JSONReader(bytes)
    let value = try reader.value(nesting: 0)
    reader.skipSpace()
    guard reader.position == bytes.count else { throw reader.failure("something after the value") }
    return value
  }

  private func failure(_ what: String) -> SessionError {
    .decoding("\(what) at byte \(position)")
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func value(nesting: Int) throws(SessionError) -> SessionValue {
    guard nesting <= Self.nestingMax else { throw failure("nesting deeper than \(Self.nestingMax)") }
    skipSpace()
    switch next {
    case nil: throw failure("the value is missing")
    case UInt8(ascii: "{"): return .object(try object(nesting: nesting))
    case UInt8(ascii: "["): return .array(try array(nesting: nesting))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ word: StaticString, _ value: SessionValue) throws(SessionError) -> SessionValue
  {
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count, bytes[position..<end].elementsEqual(word.description.utf8) else {
      throw failure("no JSON value")
    }
    position = end
    return value
  }

  private mutating func number() throws(SessionError) -> SessionValue {
    let start = position
    while let byte = next, Self.isPartOfNumber(byte) { position += 1 }
    guard let number = SessionValue.Number(String(decoding: bytes[start..<position], as: UTF8.self)) else {
      position = start
      throw failure("no JSON value")
    }
    return number.value
  }

  private static func isPartOfNumber(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
      UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  private mutating func array(nesting: Int) throws(SessionError) -> [SessionValue] {
    position += 1
    var values: [SessionValue] = []
    skipSpace()
    if skip(UInt8(ascii: "]")) { return values }
    while true {
      values.append(try value(nesting: nesting + 1))
      skipSpace()
      if skip(UInt8(ascii: "]")) { return values }
      guard skip(UInt8(ascii: ",")) else { throw failure("no comma or bracket") }
    }
  }

  private mutating func object(nesting: Int) throws(SessionError) -> SessionValue.Object {
    position += 1
    var object = SessionValue.Object()
    skipSpace()
    if skip(UInt8(ascii: "}")) { return object }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw failure("no key") }
      let key = try string()
      skipSpace()
      guard skip(UInt8(ascii: ":")) else { throw failure("no colon") }
      object[key] = try value(nesting: nesting + 1)
      skipSpace()
      if skip(UInt8(ascii: "}")) { return object }
      guard skip(UInt8(ascii: ",")) else { throw failure("no comma or brace") }
    }
  }

  private mutating func skip(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }
}

// MARK: - Strings

extension JSONReader {
  private mutating func string() throws(SessionError) -> String {
    let start = position
    position += 1
    let textStart = position
    // Most strings hold no escape, and are taken in one piece.
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      position += 1
    }
    var text = Array(bytes[textStart..<position])
    while let byte = next {
      if byte < 0x20 { throw failure("a control character in a string") }
      position += 1
      if byte == UInt8(ascii: "\"") {
        guard let string = String(validating: text, as: UTF8.self) else {
          position = start
          throw failure("a string that is no UTF-8")
        }
        return string
      }
      if byte == UInt8(ascii: "\\") {
        try escape(into: &text)
      } else {
        text.append(byte)
      }
    }
    position = start
    throw failure("a string without an end")
  }

  private mutating func escape(into text: inout [UInt8]) throws(SessionError) {
    guard let byte = next else { throw failure("a string without an end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text.append(contentsOf: Character(try scalar()).utf8)
    default: throw failure("no escape")
    }
  }

  /// The character of `\uXXXX`, or of two of them that are a surrogate pair.
  private mutating func scalar() throws(SessionError) -> Unicode.Scalar {
    let high = try hexadecimal()
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard high < 0xDC00, skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) else {
      throw failure("half a surrogate pair")
    }
    let low = try hexadecimal()
    guard (0xDC00..<0xE000).contains(low),
      let scalar = Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    else { throw failure("half a surrogate pair") }
    return scalar
  }

  private mutating func hexadecimal() throws(SessionError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("no escape")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
