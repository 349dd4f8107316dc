import Glibc

extension Span where Element == UInt8 {
  /// The offset of the first such byte at or after `start`, by memchr(3).
  func firstOffset(of byte: UInt8, from start: Int) -> Int? {
    // Unsafe: the pointer and the count are the span's own, and memchr only reads between them.
    withUnsafeBufferPointer { bytes in
      guard start < bytes.count, let base = bytes.baseAddress else { return nil }
      guard let found = memchr(base + start, Int32(byte), bytes.count - start) else { return nil }
      return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
    }
  }
}

extension MutableSpan where Element == UInt8 {
  /// How many bytes from `start` on, before `end`, stand for themselves in a JSON string: ASCII, no
  /// control character, no quote, no backslash.
  func plainTextLength(from start: Int, before end: Int) -> Int {
    asciiLength(from: start, before: end, least: 0x20, but: UInt8(ascii: "\""), UInt8(ascii: "\\"))
  }

  /// How many bytes from `start` on, before `end`, may stand in a bare name as they are: ASCII, no
  /// control character, no space, no quote.
  func plainNameLength(from start: Int, before end: Int) -> Int {
    asciiLength(from: start, before: end, least: 0x21, but: UInt8(ascii: "\""), 0x7F)
  }

  /// How many bytes from `start` on, before `end`, are ASCII, not below the least one and neither of two others. Eight
  /// at a time.
  @inline(__always)
  private func asciiLength(
    from start: Int, before end: Int, least: UInt8, but one: UInt8, _ other: UInt8
  ) -> Int {
    precondition(start >= 0 && start <= end && end <= count)
    // Unsafe: the words lie inside the span; what they hold from `end` on is not counted.
    return withUnsafeBytes { bytes in
      let ones: UInt64 = 0x0101_0101_0101_0101
      let highBits: UInt64 = 0x8080_8080_8080_8080
      let (firsts, seconds) = (ones &* UInt64(one), ones &* UInt64(other))
      // The high bits of bytes that end it, and perhaps of some above the first such byte. Of bytes below 0x80 a
      // subtraction sets those only of such as were less; the others have it themselves.
      func special(_ offset: Int) -> UInt64 {
        let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        let low = word &- (ones &* UInt64(least))
        let same = ((word ^ firsts) &- ones) | ((word ^ seconds) &- ones)
        return (low | same | word) & highBits
      }
      var index = start
      // Four words at a time: the loop costs as much as they do otherwise.
      while end &- index >= 32 {
        let (first, second) = (special(index), special(index &+ 8))
        let (third, fourth) = (special(index &+ 16), special(index &+ 24))
        guard first | second | third | fourth == 0 else { break }
        index &+= 32
      }
      while index < end, bytes.count &- index >= 8 {
        let special = special(index)
        if special != 0 { return min(index &+ special.trailingZeroBitCount / 8, end) - start }
        index &+= 8
      }
      while index < end {
        let byte = bytes[index]
        if byte < least || byte >= 0x80 || byte == one || byte == other { break }
        index += 1
      }
      return min(index, end) - start
    }
  }
}
