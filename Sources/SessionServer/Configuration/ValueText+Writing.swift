/// The other way: numbers as people write them.
extension ValueText {
  private static let writtenUnits: [(name: String, nanoseconds: Int64)] = [
    ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
    ("ms", 1_000_000), ("us", 1_000),
  ]
  /// The unit that only `fineDuration` knows.
  private static let fineUnit = "us"
  private static let sizeUnits: [(name: String, bytes: Int)] = [
    ("T", 1 << 40), ("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10),
  ]

  /// A time of whole microseconds, in the largest unit of which it is a multiple: `90s`, `10m`, `20us`.
  static func text(nanoseconds: Int64) -> String {
    let unit = writtenUnits.first { nanoseconds >= $0.nanoseconds && nanoseconds % $0.nanoseconds == 0 }
    guard let unit else { return "\(nanoseconds / 1_000_000)ms" }
    return "\(nanoseconds / unit.nanoseconds)\(unit.name)"
  }

  /// A size in the largest unit of which it is a multiple: `256M`; a bare number for what is no multiple of 1024.
  static func text(bytes: Int) -> String {
    let unit = sizeUnits.first { bytes >= $0.bytes && bytes % $0.bytes == 0 }
    guard let unit else { return "\(bytes)" }
    return "\(bytes / unit.bytes)\(unit.name)"
  }

  /// What to add to the complaint about a time: the commonest mistakes are about units.
  static func durationHint(_ text: String) -> String {
    hint(text, units: coarseUnits, bare: "seconds") { $0 }
  }

  /// Likewise for one that may be short.
  static func fineDurationHint(_ text: String) -> String {
    hint(text, units: [fineUnit] + coarseUnits, bare: "seconds") { $0 }
  }

  private static var coarseUnits: [String] {
    writtenUnits.reversed().map(\.name).filter { $0 != fineUnit }
  }

  /// Likewise for a size, whose units are letters of either case.
  static func sizeHint(_ text: String) -> String {
    hint(text, units: sizeUnits.reversed().map(\.name), bare: "bytes") { $0.uppercased() }
  }

  /// - Parameter unitName: how a unit that was typed is called among `units`. It is quoted as it was typed.
  private static func hint(
    _ text: String, units: [String], bare: String, unitName: (String) -> String
  ) -> String {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let unit = text.dropFirst(digits.count)
    guard !digits.isEmpty else { return "" }
    if unit.isEmpty { return "; without a unit it is \(bare)" }
    guard unit.allSatisfy(\.isLetter), !units.contains(unitName(String(unit))) else { return "" }
    return "; there is no unit \(quoted(unit)) here: there are \(units.joined(separator: ", "))"
  }
}
