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
  /// control character, no quote, no backslash. Eight at a time.
  func plainTextLength(from start: Int, before end: Int) -> Int {
    precondition(start >= 0 && end <= count)
    // Unsafe: the words are loaded between `start` and `end`, which lie inside the span.
    return withUnsafeBytes { bytes in
      let ones: UInt64 = 0x0101_0101_0101_0101
      let highBits: UInt64 = 0x8080_8080_8080_8080
      // The high bit of each byte that is zero, and perhaps of some above the first such byte.
      func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highBits }
      var index = start
      while end - index >= 8 {
        let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
        let controls = (word &- ones &* 0x20) & ~word & highBits
        let special =
          controls | word & highBits | zeros(word ^ (ones &* UInt64(UInt8(ascii: "\""))))
          | zeros(word ^ (ones &* UInt64(UInt8(ascii: "\\"))))
        if special != 0 { return index - start + special.trailingZeroBitCount / 8 }
        index += 8
      }
      while index < end {
        let byte = bytes[index]
        if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
        index += 1
      }
      return index - start
    }
  }
}
