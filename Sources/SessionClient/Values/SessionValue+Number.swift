extension SessionValue {
  /// A JSON number as it was written: `1.50` stays `1.50`, and no digit is lost.
  ///
  /// Numbers are equal when they are written alike.
  public struct Number: Hashable, Sendable {
    /// The number as it stands in JSON, by the grammar of RFC 8259, section 6.
    public let text: String

    /// The number that a text stands for, if it is one by the grammar of RFC 8259, section 6.
    public init?(_ text: String) {
      guard Self.isNumber(text.utf8) else { return nil }
      self.text = text
    }

    /// The shortest text for the number; nothing for infinity and NaN.
    public init?(_ value: Double) {
      guard value.isFinite else { return nil }
      let text = value.description
      self.text = text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// The number rounded to the nearest `Double`; infinity where it is too large for one.
    public var doubleValue: Double { Double(text) ?? .nan }

    /// As `.int` where the text is what an `Int` is written as, else as `.number`.
    var value: SessionValue {
      if let int = Int(text), String(int) == text { return .int(int) }
      return .number(self)
    }

    private static func isNumber(_ utf8: String.UTF8View) -> Bool {
      var rest = utf8[...]
      func skipDigits() -> Bool {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest = rest[digits.endIndex...]
        return !digits.isEmpty
      }
      func skip(_ bytes: UInt8...) -> Bool {
        guard let first = rest.first, bytes.contains(first) else { return false }
        rest = rest.dropFirst()
        return true
      }
      _ = skip(UInt8(ascii: "-"))
      // A zero at the front stands alone.
      if !skip(UInt8(ascii: "0")), !skipDigits() { return false }
      if skip(UInt8(ascii: ".")), !skipDigits() { return false }
      if skip(UInt8(ascii: "e"), UInt8(ascii: "E")) {
        _ = skip(UInt8(ascii: "+"), UInt8(ascii: "-"))
        if !skipDigits() { return false }
      }
      return rest.isEmpty
    }
  }
}
