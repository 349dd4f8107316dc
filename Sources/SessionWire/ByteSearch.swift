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
