/// Decimal numbers as words of a request. No arithmetic here can overflow, whatever was sent.
enum DecimalWord {
  /// Digits only, 0 to 2^63-1.
  static func unsigned(_ bytes: borrowing MutableSpan<UInt8>, _ word: Range<Int>) -> UInt64? {
    guard !word.isEmpty else { return nil }
    var value: Int64 = 0
    for index in word {
      guard let next = appending(digit: bytes[index], to: value) else { return nil }
      value = next
    }
    return UInt64(value)
  }

  /// An Int64 with or without a minus sign.
  static func signed(_ bytes: borrowing MutableSpan<UInt8>, _ word: Range<Int>) -> Int64? {
    guard let first = word.first else { return nil }
    let isNegative = bytes[first] == UInt8(ascii: "-")
    let digits = isNegative ? first + 1..<word.upperBound : word
    guard !digits.isEmpty else { return nil }
    // Gathered below zero, where there is room for one number more.
    var value: Int64 = 0
    for index in digits {
      let digit = bytes[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { return nil }
      let (tenfold, overTen) = value.multipliedReportingOverflow(by: 10)
      let (next, over) = tenfold.subtractingReportingOverflow(Int64(digit))
      guard !overTen, !over else { return nil }
      value = next
    }
    guard !isNegative else { return value }
    return value == .min ? nil : -value
  }

  /// Seconds with or without a fraction, as nanoseconds; digits past the ninth place are dropped.
  static func seconds(_ bytes: borrowing MutableSpan<UInt8>, _ word: Range<Int>) -> Int64? {
    var nanoseconds: Int64 = 0
    var places = -1
    var digits = 0
    for index in word {
      if bytes[index] == UInt8(ascii: "."), places < 0, digits > 0 {
        places = 0
        continue
      }
      guard bytes[index] &- UInt8(ascii: "0") <= 9 else { return nil }
      digits += 1
      if places >= 9 { continue }
      guard let next = appending(digit: bytes[index], to: nanoseconds) else { return nil }
      nanoseconds = next
      if places >= 0 { places += 1 }
    }
    guard digits > 0, places != 0 else { return nil }
    for _ in max(places, 0)..<9 {
      guard let next = appending(digit: UInt8(ascii: "0"), to: nanoseconds) else { return nil }
      nanoseconds = next
    }
    return nanoseconds
  }

  @inline(__always)
  private static func appending(digit byte: UInt8, to value: Int64) -> Int64? {
    let digit = byte &- UInt8(ascii: "0")
    guard digit <= 9 else { return nil }
    let (tenfold, overTen) = value.multipliedReportingOverflow(by: 10)
    let (next, over) = tenfold.addingReportingOverflow(Int64(digit))
    return overTen || over ? nil : next
  }
}
