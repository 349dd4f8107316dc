/// The random number that tells a segment from every other: 128 bits.
public struct SegmentID: Equatable, Sendable {
  public let first: UInt64
  public let second: UInt64

  public init(_ first: UInt64, _ second: UInt64) {
    self.first = first
    self.second = second
  }

  /// The id that stands in 32 hexadecimal digits; nil for any other text.
  public init?(_ text: String) {
    let digits = text.utf8
    guard digits.count == 32, digits.allSatisfy({ Self.isHexadecimal($0) }),
      let first = UInt64(text.prefix(16), radix: 16), let second = UInt64(text.suffix(16), radix: 16)
    else { return nil }
    self.init(first, second)
  }

  private static func isHexadecimal(_ digit: UInt8) -> Bool {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
    default: false
    }
  }
}

extension SegmentID: CustomStringConvertible {
  /// 32 hexadecimal digits, the first word's before the second's, as MAP tells it.
  public var description: String { Self.digits(first) + Self.digits(second) }

  private static func digits(_ word: UInt64) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
