/// The last few bytes of something in private memory, as a word.
public enum PartialWord {
  /// One to seven bytes from an offset on, the first in the lowest byte, the rest zero.
  @inline(__always)
  public static func load(_ bytes: UnsafeRawBufferPointer, from offset: Int, count: Int) -> UInt64 {
    var word: UInt64 = 0
    if count & 4 != 0 { word = UInt64(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
    if count & 2 != 0 {
      let place = count & 4
      let pair = bytes.loadUnaligned(fromByteOffset: offset + place, as: UInt16.self)
      word |= UInt64(pair) << UInt64(place * 8)
    }
    if count & 1 != 0 { word |= UInt64(bytes[offset + count - 1]) << UInt64((count - 1) * 8) }
    return word
  }

  /// The bits of the lowest bytes, one to seven.
  @inline(__always)
  static func mask(bytes: Int) -> UInt64 { 1 &<< (UInt64(truncatingIfNeeded: bytes) &* 8) &- 1 }
}
