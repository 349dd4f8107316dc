/// A key that is looked for in a record, made ready to be compared with many.
struct WantedKey {
  let bytes: UnsafeRawBufferPointer
  /// The first eight bytes at most, and which bits of a word are theirs.
  private let first: UInt64
  private let mask: UInt64

  @inline(__always)
  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    if bytes.count >= 8 {
      first = bytes.loadUnaligned(as: UInt64.self)
      mask = .max
    } else {
      first = PartialWord.load(bytes, from: 0, count: bytes.count)
      mask = PartialWord.mask(bytes: bytes.count)
    }
  }

  /// Whether the key that begins at an offset, and is as long, is this one.
  @inline(__always)
  func matches(_ other: SharedBytes, at offset: Int) -> Bool {
    guard other.word(at: offset, bytes: min(bytes.count, 8)) & mask == first else { return false }
    return bytes.count <= 8
      || other.equals(UnsafeRawBufferPointer(rebasing: bytes[8...]), at: offset &+ 8)
  }
}
