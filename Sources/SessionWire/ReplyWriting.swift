/// Replies, appended to the bytes that go out to one client. Each call writes whole lines, but for
/// those that say otherwise.
extension [UInt8] {
  public mutating func appendOK() { append(contentsOf: "OK\n".utf8) }

  public mutating func appendNil() { append(contentsOf: "NIL\n".utf8) }

  @inlinable
  public mutating func appendOK(_ number: some BinaryInteger) {
    appendOKPrefix()
    appendDecimal(number)
    appendLineEnd()
  }

  public mutating func appendOK(_ truth: Bool) {
    append(contentsOf: truth ? "OK true\n".utf8 : "OK false\n".utf8)
  }

  public mutating func appendError(_ error: RequestError) {
    append(contentsOf: "ERR ".utf8)
    append(contentsOf: error.code.rawValue.utf8)
    append(UInt8(ascii: " "))
    append(contentsOf: error.text.utf8)
    appendLineEnd()
  }

  /// The beginning of a reply with a value: the JSON text and `appendLineEnd()` follow.
  public mutating func appendOKPrefix() { append(contentsOf: "OK ".utf8) }

  public mutating func appendLineEnd() { append(UInt8(ascii: "\n")) }

  /// A whole number in decimal digits, without an allocation.
  @inlinable
  public mutating func appendDecimal(_ number: some BinaryInteger) {
    if number < 0 { append(UInt8(ascii: "-")) }
    appendDecimal(magnitude: UInt64(number.magnitude))
  }

  @usableFromInline
  mutating func appendDecimal(magnitude: UInt64) {
    var digits = 1
    var bound: UInt64 = 10
    while digits < 20, magnitude >= bound {
      digits += 1
      bound = digits < 20 ? bound * 10 : .max
    }
    append(contentsOf: repeatElement(UInt8(ascii: "0"), count: digits))
    var rest = magnitude
    var index = count - 1
    while rest > 0 {
      self[index] += UInt8(rest % 10)
      rest /= 10
      index -= 1
    }
  }

  /// Nanoseconds as seconds with three decimals, trailing zeros dropped: 583.2.
  public mutating func appendSeconds(_ nanoseconds: Int64) {
    appendThousandths(nanoseconds / 1_000_000)
  }

  /// A number of thousandths as a decimal fraction, trailing zeros dropped.
  public mutating func appendThousandths(_ thousandths: Int64) {
    if thousandths < 0 { append(UInt8(ascii: "-")) }
    let magnitude = thousandths.magnitude
    appendDecimal(magnitude / 1000)
    var fraction = magnitude % 1000
    guard fraction > 0 else { return }
    append(UInt8(ascii: "."))
    var place: UInt64 = 100
    while fraction > 0 {
      append(UInt8(ascii: "0") + UInt8(fraction / place))
      fraction %= place
      place /= 10
    }
  }

  /// A JSON string; `text` is UTF-8 without control characters, as ids and keys are.
  public mutating func appendQuoted(_ text: Span<UInt8>) {
    append(UInt8(ascii: "\""))
    for index in text.indices {
      let byte = text[index]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { append(UInt8(ascii: "\\")) }
      append(byte)
    }
    append(UInt8(ascii: "\""))
  }

  /// The bytes as they are.
  public mutating func append(_ bytes: Span<UInt8>) {
    // Unsafe: the buffer is the span's own, and it is copied before the call returns.
    bytes.withUnsafeBufferPointer { append(contentsOf: $0) }
  }
}
