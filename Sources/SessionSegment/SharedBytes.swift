/// Bytes that may change while they are looked at, read by the aligned words in which they lie.
struct SharedBytes {
  // Unsafe memory: `base` is a multiple of eight, and the words of all that the callers ask for lie in the
  // mapping. No other word is touched: the page behind a record may have no memory.
  let base: UnsafeRawPointer

  /// One to eight bytes from an offset on, the first in the lowest byte; what is above them has no meaning.
  @inline(__always)
  func word(at offset: Int, bytes: Int = 8) -> UInt64 {
    let shift = UInt64(truncatingIfNeeded: offset & 7) &* 8
    let low = SharedWords.load(base + (offset & ~7)) &>> shift
    guard offset & 7 &+ bytes > 8 else { return low }
    return low | SharedWords.load(base + (offset & ~7) + 8) &<< (64 &- shift)
  }

  /// Whether the bytes from an offset on are these.
  @inline(__always)
  func equals(_ other: UnsafeRawBufferPointer, at offset: Int) -> Bool {
    var done = 0
    while other.count &- done >= 8 {
      guard word(at: offset &+ done) == other.loadUnaligned(fromByteOffset: done, as: UInt64.self) else {
        return false
      }
      done &+= 8
    }
    let rest = other.count &- done
    guard rest > 0 else { return true }
    let difference = word(at: offset &+ done, bytes: rest) ^ PartialWord.load(other, from: done, count: rest)
    return difference & PartialWord.mask(bytes: rest) == 0
  }
}
