/// Well-formed UTF-8 (Unicode 15, table 3-7; RFC 3629): no over-long form, no surrogate, nothing
/// above U+10FFFF.
enum UTF8Sequence {
  /// The length of the well-formed sequence that begins at `index` with a byte of 0x80 or more, or
  /// nil if there is none before `end`.
  static func length(_ bytes: borrowing MutableSpan<UInt8>, at index: Int, before end: Int) -> Int? {
    let first = bytes[index]
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch first {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: length = 4
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: return nil
    }
    guard index + length <= end, second.contains(bytes[index + 1]) else { return nil }
    for offset in 2..<max(length, 2) where bytes[index + offset] & 0xC0 != 0x80 { return nil }
    return length
  }
}
