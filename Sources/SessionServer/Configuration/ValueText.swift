/// Durations and sizes as people write them. nil for what is none, or does not fit 64 bits.
public enum ValueText {
  /// `500ms`, `10s`, `10m`, `2h`, `7d`; a bare number is seconds. In nanoseconds.
  public static func duration(_ text: some StringProtocol) -> Int64? {
    scaled(text, durationUnits)
  }

  /// Likewise, and `20us` as well: for times to which the speed of the machine matters.
  static func fineDuration(_ text: some StringProtocol) -> Int64? {
    scaled(text, [("us", 1_000)] + durationUnits)
  }

  private static let durationUnits: [(String, Int64)] = [
    ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000), ("", 1_000_000_000),
  ]

  /// `64K`, `256M`, `1G`, powers of 1024; a bare number is bytes.
  public static func size(_ text: some StringProtocol) -> Int? {
    scaled(text.uppercased(), [("K", 1 << 10), ("M", 1 << 20), ("G", 1 << 30), ("T", 1 << 40), ("", 1)]).map {
      Int($0)
    }
  }

  private static func scaled(_ text: some StringProtocol, _ units: [(String, Int64)]) -> Int64? {
    for (suffix, factor) in units where text.hasSuffix(suffix) {
      let digits = text.dropLast(suffix.count)
      guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 }),
        let number = Int64(digits)
      else { continue }
      let (product, overflow) = number.multipliedReportingOverflow(by: factor)
      return overflow ? nil : product
    }
    return nil
  }
}
