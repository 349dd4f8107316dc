/// Strings with their escapes resolved: words and keys.
extension JSONCompactor {
  /// A string with its escapes resolved, without its quotes: a word or a key.
  mutating func decodedString(_ bytes: inout MutableSpan<UInt8>) throws(RequestError) -> Range<Int> {
    guard read < end, bytes[read] == UInt8(ascii: "\"") else {
      throw failure("a string in quotes is wanted here")
    }
    read += 1
    let start = write
    while true {
      copyPlainText(&bytes)
      guard read < end else { break }
      let byte = bytes[read]
      if byte == UInt8(ascii: "\"") {
        read += 1
        return start..<write
      }
      if byte == UInt8(ascii: "\\") {
        read += 1
        try decodedEscape(&bytes)
      } else {
        for _ in 0..<(try plainLength(bytes, byte)) { copyByte(&bytes) }
      }
    }
    throw failure("a string has no closing quote")
  }

  private mutating func decodedEscape(_ bytes: inout MutableSpan<UInt8>) throws(RequestError) {
    guard read < end else { throw failure("a string has no closing quote") }
    let byte = bytes[read]
    let plain: UInt8? =
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
      case UInt8(ascii: "b"): 0x08
      case UInt8(ascii: "f"): 0x0C
      case UInt8(ascii: "n"): 0x0A
      case UInt8(ascii: "r"): 0x0D
      case UInt8(ascii: "t"): 0x09
      default: nil
      }
    if let plain {
      read += 1
      return put(plain, &bytes)
    }
    guard byte == UInt8(ascii: "u") else { throw failure("no such escape") }
    guard let unit = hexUnit(bytes, at: read + 1) else { throw failure("four hexadecimal digits follow \\u") }
    read += 5
    guard unit & 0xF800 == 0xD800 else { return put(scalar: unit, &bytes) }
    guard unit < 0xDC00, read + 1 < end, bytes[read] == UInt8(ascii: "\\"),
      bytes[read + 1] == UInt8(ascii: "u"),
      let low = hexUnit(bytes, at: read + 2), low & 0xFC00 == 0xDC00
    else { throw failure("half of a surrogate pair stands alone") }
    read += 6
    put(scalar: 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00), &bytes)
  }

  func hexUnit(_ bytes: borrowing MutableSpan<UInt8>, at index: Int) -> UInt32? {
    guard index + 4 <= end else { return nil }
    var unit: UInt32 = 0
    for offset in 0..<4 {
      let byte = bytes[index + offset]
      let digit: UInt8 =
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: 16
        }
      guard digit < 16 else { return nil }
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }

  /// The shortest escape of a scalar (six bytes) is longer than its longest UTF-8 form (four), so
  /// writing never overtakes reading.
  private mutating func put(scalar: UInt32, _ bytes: inout MutableSpan<UInt8>) {
    func continuation(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(scalar >> shift & 0x3F) }
    switch scalar {
    case ..<0x80:
      put(UInt8(scalar), &bytes)
    case ..<0x800:
      put(0xC0 | UInt8(scalar >> 6), &bytes)
      put(continuation(0), &bytes)
    case ..<0x10000:
      put(0xE0 | UInt8(scalar >> 12), &bytes)
      put(continuation(6), &bytes)
      put(continuation(0), &bytes)
    default:
      put(0xF0 | UInt8(scalar >> 18), &bytes)
      put(continuation(12), &bytes)
      put(continuation(6), &bytes)
      put(continuation(0), &bytes)
    }
  }
}
