internal import Glibc

/// JSON text of the plain kind that most values are. What is not plain, or wrong, is left to others: nil.
enum PlainJSON {
  /// The text between the quotes, unless it holds escapes.
  static func string(_ json: Span<UInt8>) -> String? {
    guard json.count >= 2, json[0] == UInt8(ascii: "\""), json[json.count - 1] == UInt8(ascii: "\"") else {
      return nil
    }
    let text = json.extracting(1..<json.count - 1)
    guard !contains(text, UInt8(ascii: "\\")), !contains(text, UInt8(ascii: "\"")) else { return nil }
    do throws(UTF8.ValidationError) {
      return String(copying: try UTF8Span(validating: text))
    } catch {
      return nil
    }
  }

  private static func contains(_ text: Span<UInt8>, _ byte: UInt8) -> Bool {
    // Unsafe: the pointer and the count are the span's own, and memchr only reads between them.
    text.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return false }
      return memchr(start, Int32(byte), bytes.count) != nil
    }
  }

  static func truth(_ json: Span<UInt8>) -> Bool? {
    if equals(json, "true") { return true }
    return equals(json, "false") ? false : nil
  }

  private static func equals(_ json: Span<UInt8>, _ word: StaticString) -> Bool {
    guard json.count == word.utf8CodeUnitCount else { return false }
    return word.withUTF8Buffer { word in json.indices.allSatisfy { json[$0] == word[$0] } }
  }

  /// A whole number within the range of `Int`, written without fraction and exponent.
  static func integer(_ json: Span<UInt8>) -> Int? {
    let isNegative = json.count > 1 && json[0] == UInt8(ascii: "-")
    let start = isNegative ? 1 : 0
    // More digits may be too many for the sum.
    guard json.count - start <= Digits.exactCount else {
      return SessionValue.Number(text(json)) == nil ? nil : Int(text(json))
    }
    guard start < json.count, json[start] != UInt8(ascii: "0") || json.count == start + 1 else { return nil }
    var value = 0
    for index in start..<json.count {
      let digit = json[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { return nil }
      value = value &* 10 &+ Int(digit)
    }
    return isNegative ? -value : value
  }

  /// A number that is finite as a `Double`.
  static func double(_ json: Span<UInt8>) -> Double? {
    var digits = Digits(json)
    guard digits.skipInteger() else { return nil }
    let wholeDigits = digits.count
    guard digits.skipFraction() else { return nil }
    if digits.isAtEnd, digits.count <= Digits.exactCount {
      // Both are exact, as are the powers of ten up to the 22nd, so the quotient is rounded only once
      // (Clinger 1990).
      let quotient = Double(digits.value) / Digits.powersOfTen[digits.count - wholeDigits]
      return digits.isNegative ? -quotient : quotient
    }
    guard SessionValue.Number(text(json)) != nil, let value = Double(text(json)), value.isFinite else {
      return nil
    }
    return value
  }

  private static func text(_ json: Span<UInt8>) -> String {
    json.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
  }
}

/// Adds up the digits of a number by the grammar of RFC 8259, section 6.
private struct Digits: ~Escapable {
  /// So many digits make a number that a `Double` holds exactly.
  static let exactCount = 15
  static let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
  ]

  private(set) var isNegative = false
  private(set) var count = 0
  private(set) var value: UInt64 = 0
  private var position = 0
  private let json: Span<UInt8>

  @_lifetime(copy json)
  init(_ json: Span<UInt8>) {
    self.json = json
  }

  var isAtEnd: Bool { position == json.count }

  /// The sign and the digits before a point; false if there are none, or needless zeros.
  @_lifetime(self: copy self)
  mutating func skipInteger() -> Bool {
    isNegative = skip(UInt8(ascii: "-"))
    if skip(UInt8(ascii: "0")) {
      count = 1
      return true
    }
    return skipDigits() > 0
  }

  /// A point and the digits after it, if a point follows; false if it stands alone.
  @_lifetime(self: copy self)
  mutating func skipFraction() -> Bool {
    guard skip(UInt8(ascii: ".")) else { return true }
    return skipDigits() > 0
  }

  @_lifetime(self: copy self)
  private mutating func skip(_ byte: UInt8) -> Bool {
    guard position < json.count, json[position] == byte else { return false }
    position += 1
    return true
  }

  @_lifetime(self: copy self)
  private mutating func skipDigits() -> Int {
    let start = count
    while position < json.count {
      let digit = json[position] &- UInt8(ascii: "0")
      guard digit <= 9 else { break }
      // It may wrap with many digits, and is not used then.
      value = value &* 10 &+ UInt64(digit)
      position += 1
      count += 1
    }
    return count - start
  }
}
