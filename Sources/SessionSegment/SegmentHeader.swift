import Synchronization

/// The first page of a segment.
///
///     0    magic
///     8    format version (low half), number of shards (high half)
///     16   size of the segment in bytes
///     24   segment id, two words, random
///     40   hash seed, two words, random
///     56   last version given to a record; grows, never reused
///     64   absolute lifetime of sessions in nanoseconds, 0 for none
///     72   reserved, zero
public struct SegmentHeader: Sendable {
  private enum Offset {
    static let magic = 0
    static let format = 8
    static let size = 16
    static let id = 24
    static let seed = 40
    static let version = 56
    static let lifetime = 64
  }

  private let mapping: SegmentMapping

  public init(_ mapping: SegmentMapping) {
    self.mapping = mapping
  }

  /// Marks a file as a segment, and keeps the version that the next one must go on behind, before the
  /// rest is written.
  public func claim(lastVersion: UInt64) {
    store(UInt64(SegmentLayout.formatVersion), at: Offset.format)
    store(lastVersion, at: Offset.version)
    store(SegmentLayout.magic, at: Offset.magic)
  }

  /// Writes a fresh header. The magic comes last: a file without it was never finished.
  ///
  /// - Parameter lastVersion: versions go on behind it, so that none is used again.
  public func initialize(shards: Int, id: (UInt64, UInt64), seed: HashSeed, lastVersion: UInt64) {
    store(UInt64(SegmentLayout.formatVersion) | UInt64(shards) << 32, at: Offset.format)
    store(UInt64(mapping.size), at: Offset.size)
    store(id.0, at: Offset.id)
    store(id.1, at: Offset.id + 8)
    store(seed.first, at: Offset.seed)
    store(seed.second, at: Offset.seed + 8)
    store(lastVersion, at: Offset.version)
    store(SegmentLayout.magic, at: Offset.magic)
  }

  /// Whether `bytes` are the beginning of a segment, of whatever format version.
  public static func isSegment(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 8 && word(bytes, Offset.magic) == SegmentLayout.magic
  }

  private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
    bytes[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The last version given in a segment of which `bytes` are the beginning; nil if they are none of a
  /// segment of this format.
  public static func lastVersion(in bytes: [UInt8]) -> UInt64? {
    guard bytes.count >= Offset.lifetime, isSegment(bytes),
      word(bytes, Offset.format) & 0xFFFF_FFFF == UInt64(SegmentLayout.formatVersion)
    else { return nil }
    // What no daemon can have given out is damage.
    let version = word(bytes, Offset.version)
    return version < 1 << 62 ? version : nil
  }

  public var shards: Int { Int(load(Offset.format) >> 32) }
  public var id: (UInt64, UInt64) { (load(Offset.id), load(Offset.id + 8)) }
  public var seed: HashSeed { HashSeed(first: load(Offset.seed), second: load(Offset.seed + 8)) }

  /// The next version: unique and growing, whichever session it is for.
  @inline(__always)
  public func nextVersion() -> UInt64 {
    // Relaxed: the number only has to be new. It is published with the record that carries it.
    mapping.word(at: Offset.version).pointee.wrappingAdd(1, ordering: .relaxed).newValue
  }

  /// The bound from a session's creation that no use passes, in nanoseconds; 0 for none.
  public var lifetimeNanoseconds: Int64 {
    get { Int64(bitPattern: load(Offset.lifetime)) }
    nonmutating set { store(UInt64(bitPattern: newValue), at: Offset.lifetime) }
  }

  private func load(_ offset: Int) -> UInt64 {
    mapping.word(at: offset).pointee.load(ordering: .acquiring)
  }

  private func store(_ value: UInt64, at offset: Int) {
    mapping.word(at: offset).pointee.store(value, ordering: .releasing)
  }
}
