/// Replies, appended to the bytes that go out to one client. Each call writes whole lines, but for
/// those that say otherwise.
extension [UInt8] {
  public mutating func appendOK() { append(text: "OK\n") }

  public mutating func appendNil() { append(text: "NIL\n") }

  @inlinable
  public mutating func appendOK(_ number: some BinaryInteger) {
    appendOKPrefix()
    appendDecimal(number)
    appendLineEnd()
  }

  public mutating func appendOK(_ truth: Bool) {
    append(text: truth ? "OK true\n" : "OK false\n")
  }

  public mutating func appendError(_ error: RequestError) {
    append(text: "ERR ")
    append(contentsOf: error.code.rawValue.utf8)
    append(UInt8(ascii: " "))
    append(contentsOf: error.text.utf8)
    appendLineEnd()
  }

  /// The beginning of a reply with a value: the JSON text and `appendLineEnd()` follow.
  public mutating func appendOKPrefix() { append(text: "OK ") }

  public mutating func appendLineEnd() { append(UInt8(ascii: "\n")) }

  /// A whole number in decimal digits, without an allocation.
  @inlinable
  public mutating func appendDecimal(_ number: some BinaryInteger) {
    if number < 0 { append(UInt8(ascii: "-")) }
    appendDecimal(magnitude: UInt64(number.magnitude))
  }

  @usableFromInline
  mutating func appendDecimal(magnitude: UInt64) {
    // From behind, as division gives them: 20 digits at most.
    var digits = InlineArray<20, UInt8>(repeating: UInt8(ascii: "0"))
    var start = digits.count
    var rest = magnitude
    repeat {
      start -= 1
      digits[start] += UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
    append(digits.span.extracting(start..<digits.count))
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
    let hasQuote = text.firstOffset(of: UInt8(ascii: "\""), from: 0) != nil
    if hasQuote || text.firstOffset(of: UInt8(ascii: "\\"), from: 0) != nil {
      for index in text.indices {
        let byte = text[index]
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { append(UInt8(ascii: "\\")) }
        append(byte)
      }
    } else {
      append(text)
    }
    append(UInt8(ascii: "\""))
  }

  /// The bytes as they are.
  public mutating func append(_ bytes: Span<UInt8>) {
    // Unsafe: the buffer is the span's own, and it is copied before the call returns.
    bytes.withUnsafeBufferPointer { append(contentsOf: $0) }
  }

  /// Text known when the program was written, copied as it lies there.
  @inline(__always)
  private mutating func append(text: StaticString) {
    // Unsafe: the buffer is the program's own, and never changes.
    text.withUTF8Buffer { append(contentsOf: $0) }
  }
}
