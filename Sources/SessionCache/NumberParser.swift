/// Whole numbers as JSON writes them: a minus sign or none, and digits. A fraction or an exponent is
/// none, even where its value is whole: what INCR writes back would not be what was there.
enum NumberParser {
  static func parse(_ text: Span<UInt8>) -> Int64? {
    let isNegative = !text.isEmpty && text[0] == UInt8(ascii: "-")
    let start = isNegative ? 1 : 0
    guard text.count > start else { return nil }
    // Gathered below zero, where there is room for one number more.
    var value: Int64 = 0
    for index in start..<text.count {
      let digit = text[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { return nil }
      let (tenfold, overTen) = value.multipliedReportingOverflow(by: 10)
      let (next, over) = tenfold.subtractingReportingOverflow(Int64(digit))
      guard !overTen, !over else { return nil }
      value = next
    }
    if isNegative { return value }
    return value == .min ? nil : -value
  }
}
