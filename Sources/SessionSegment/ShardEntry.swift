import Synchronization

/// A shard's place in the shard table: one word says where its directory lies and how deep it is.
///
///     0   directory offset in units of 16 bytes (upper 56 bits), depth (lower 8)
///     8   structure number: grows before a page or directory of the shard is freed
///
/// A directory of depth d is 2^d page numbers of 32 bits; the entry is chosen by the first d
/// directory bits of a tag. Several neighbouring entries may name the same page.
public struct ShardEntry: Sendable {
  private let mapping: SegmentMapping
  private let offset: Int

  static let structureOffset = 8
  /// A directory of this depth is the largest: as many bits of a tag choose its entry.
  public static let depthMost = SlotTag.directoryBits

  @inline(__always)
  public init(_ mapping: SegmentMapping, shard: Int) {
    self.mapping = mapping
    offset = SegmentLayout.shardTableOffset + shard * SegmentLayout.shardEntryBytes
  }

  /// Says that pages or directories of the shard are about to be freed. A reader that has used one finds
  /// another structure number than before, and reads again.
  public func structureChanges() {
    _ = mapping.word(at: offset + Self.structureOffset).pointee.wrappingAdd(1, ordering: .relaxed)
    // Releasing: the number is seen before what is stored into the freed block from here on. It goes with
    // the acquiring fence in SegmentReader.isUnchanged.
    atomicMemoryFence(ordering: .releasing)
  }

  /// Acquiring and releasing: whoever sees the word sees the directory that it names.
  public var directory: Directory {
    @inline(__always) get {
      let word = mapping.word(at: offset).pointee.load(ordering: .acquiring)
      return Directory(
        mapping, offset: Int(word >> 8) * SegmentLayout.blockAlignment, depth: Int(word & 0xFF))
    }
    nonmutating set {
      let word = UInt64(newValue.offset / SegmentLayout.blockAlignment) << 8 | UInt64(newValue.depth)
      mapping.word(at: offset).pointee.store(word, ordering: .releasing)
    }
  }
}

/// The page numbers of a shard's bucket pages.
public struct Directory: Sendable {
  public let offset: Int
  public let depth: Int
  private let mapping: SegmentMapping

  @inline(__always)
  public init(_ mapping: SegmentMapping, offset: Int, depth: Int) {
    self.mapping = mapping
    self.offset = offset
    self.depth = depth
  }

  public var count: Int { 1 << depth }
  public var byteCount: Int { count * 4 }

  /// Acquiring and releasing: whoever sees the page number sees the page's entries.
  public subscript(index: Int) -> Int {
    @inline(__always) get { Int(cell(index).pointee.load(ordering: .acquiring)) }
    nonmutating set { cell(index).pointee.store(UInt32(newValue), ordering: .releasing) }
  }

  public func page(_ index: Int) -> BucketPage {
    BucketPage(mapping, offset: self[index] * SegmentLayout.pageBytes)
  }

  @inline(__always)
  private func cell(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt32>> {
    (mapping.base + offset + index * 4).assumingMemoryBound(to: Atomic<UInt32>.self)
  }
}
