/// Bytes that may change while they are looked at, read by the aligned words in which they lie.
struct SharedBytes {
  // Unsafe memory: `base` is a multiple of eight, and whole words up to `count` lie in the mapping.
  let base: UnsafeRawPointer
  let count: Int

  /// One to eight bytes from an offset on, the first in the lowest byte; what is above them has no meaning.
  /// nil if they don't lie inside.
  @inline(__always)
  func word(at offset: Int, bytes: Int) -> UInt64? {
    guard offset + bytes <= count else { return nil }
    return load(offset, bytes)
  }

  @inline(__always)
  private func load(_ offset: Int, _ bytes: Int) -> UInt64 {
    let shift = UInt64(offset & 7) &* 8
    let first = base + (offset & ~7)
    let low = SharedWords.load(first) &>> shift
    guard offset & 7 + bytes > 8 else { return low }
    return low | SharedWords.load(first + 8) &<< (64 &- shift)
  }

  /// Whether the bytes from an offset on are these. They lie inside, which the caller has checked.
  @inline(__always)
  func equals(_ other: UnsafeRawBufferPointer, at offset: Int) -> Bool {
    var done = 0
    while other.count - done >= 8 {
      guard load(offset + done, 8) == other.loadUnaligned(fromByteOffset: done, as: UInt64.self) else {
        return false
      }
      done += 8
    }
    let rest = other.count - done
    guard rest > 0 else { return true }
    let difference = load(offset + done, rest) ^ PartialWord.load(other, from: done, count: rest)
    return difference & (1 << (UInt64(rest) &* 8) &- 1) == 0
  }
}
