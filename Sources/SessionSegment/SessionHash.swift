/// The secret of a segment's hash, random, so that nobody can prepare ids that collide.
public struct HashSeed: Sendable, Equatable {
  public var first: UInt64
  public var second: UInt64

  public init(first: UInt64, second: UInt64) {
    self.first = first
    self.second = second
  }
}

/// The hash of a session id, cut into the parts by which the index finds a record.
///
///     63…54  shard             ten bits, as many of them as there are shards
///     43…29  directory bits    highest first, as many of them as the shard's directory is deep
///     28…20  home slot         in the bucket page
///
/// Bits 43 to 20 together are the tag that an index word carries.
public struct SessionHash: Sendable, Equatable {
  public let bits: UInt64

  /// A hash that was kept.
  public init(bits: UInt64) { self.bits = bits }

  /// Folded multiplication of 64-bit words, as in wyhash (Wang Yi, 2019): every pair of words is
  /// multiplied to 128 bits, of which the halves are mixed.
  @inline(__always)
  public init(_ id: UnsafeRawBufferPointer, seed: HashSeed) {
    let prime0: UInt64 = 0xA076_1D64_78BD_642F
    let prime1: UInt64 = 0xE703_7ED1_A0B4_28DB
    var state = seed.first ^ prime0
    var offset = 0
    while id.count &- offset > 16 {
      state = Self.fold(Self.word(id, offset) ^ prime1, Self.word(id, offset &+ 8) ^ state)
      offset &+= 16
    }
    let rest = id.count &- offset
    let low: UInt64
    let high: UInt64
    if rest > 8 {
      low = Self.word(id, offset)
      high = Self.word(id, id.count &- 8)
    } else {
      low = Self.partialWord(id, offset, rest)
      high = seed.second
    }
    state = Self.fold(low ^ prime1 ^ seed.second, high ^ state)
    bits = Self.fold(state ^ prime0, UInt64(id.count) ^ prime1)
  }

  public init(_ id: Span<UInt8>, seed: HashSeed) {
    // Unsafe: the buffer is the span's own, and is read before the call returns.
    self = id.withUnsafeBytes { SessionHash($0, seed: seed) }
  }

  @inline(__always)
  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }

  /// Up to eight bytes, some of them twice; with the count, which is mixed in at the end, no two are alike.
  @inline(__always)
  private static func partialWord(_ bytes: UnsafeRawBufferPointer, _ offset: Int, _ count: Int) -> UInt64 {
    guard count > 0 else { return 0 }
    guard count < 4 else {
      let low = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
      let high = bytes.loadUnaligned(fromByteOffset: offset + count - 4, as: UInt32.self)
      return UInt64(low) | UInt64(high) << 32
    }
    let (first, middle, last) = (bytes[offset], bytes[offset + count / 2], bytes[offset + count - 1])
    return UInt64(first) | UInt64(middle) << 8 | UInt64(last) << 16
  }

  @inline(__always)
  private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let (high, low) = a.multipliedFullWidth(by: b)
    return high ^ low
  }

  /// Which of 2^`bitCount` shards.
  @inline(__always)
  public func shard(bitCount: Int) -> Int { bitCount == 0 ? 0 : Int(bits >> UInt64(64 - bitCount)) }

  @inline(__always)
  public var tag: SlotTag { SlotTag(rawValue: UInt32(truncatingIfNeeded: bits >> 20) & SlotTag.mask) }
}
