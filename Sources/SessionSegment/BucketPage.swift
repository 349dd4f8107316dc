import Synchronization

/// A page of the index: an open-addressed table of 336 slots with linear probing.
///
///     0     number of entries (low half), depth (high half)
///     8     earliest due tick of any entry, a lower bound
///     16    reserved, zero
///     64    336 index words
///     2752  336 due ticks of 32 bits: a lower bound of when the entry expires, so that a sweep
///           need not touch the records
///
/// Every entry of a page has the same first `depth` directory bits.
public struct BucketPage: @unchecked Sendable {
  public static let slots = 336
  /// Past this many entries a page is split: linear probing slows down steeply above 7/8.
  public static let entriesMost = 294

  static let slotsOffset = 64
  private static let dueOffset = slotsOffset + slots * 8

  // Safe to share: the address never changes, and every place behind it is an atomic.
  private let base: UnsafeMutableRawPointer

  @inline(__always)
  public init(_ mapping: SegmentMapping, offset: Int) {
    base = mapping.base + offset
    assert(Self.dueOffset + Self.slots * 4 == SegmentLayout.pageBytes)
  }

  /// Makes the page an empty one. Readers that still find it see empty slots, which is a miss.
  public func initialize(depth: Int) {
    for index in 0..<SegmentLayout.pageBytes / 8 { word(index * 8).pointee.store(0, ordering: .relaxed) }
    self.depth = depth
    earliestDue = .never
  }

  public var count: Int {
    @inline(__always) get { Int(word(0).pointee.load(ordering: .relaxed) & 0xFFFF_FFFF) }
    nonmutating set { word(0).pointee.store(UInt64(newValue) | UInt64(depth) << 32, ordering: .relaxed) }
  }

  public var depth: Int {
    @inline(__always) get { Int(word(0).pointee.load(ordering: .relaxed) >> 32) }
    nonmutating set { word(0).pointee.store(UInt64(count) | UInt64(newValue) << 32, ordering: .relaxed) }
  }

  public var earliestDue: DueTick {
    get { DueTick(rawValue: UInt32(truncatingIfNeeded: word(8).pointee.load(ordering: .relaxed))) }
    nonmutating set { word(8).pointee.store(UInt64(newValue.rawValue), ordering: .relaxed) }
  }

  /// The index word of a slot. Acquiring: what the record held when it was published is seen.
  @inline(__always)
  public func slot(_ index: Int) -> SlotWord {
    SlotWord(rawValue: word(Self.slotsOffset + index * 8).pointee.load(ordering: .acquiring))
  }

  /// The one store that publishes a record, or takes it away. Releasing: whoever sees the word sees
  /// the whole record.
  @inline(__always)
  public func setSlot(_ index: Int, _ value: SlotWord) {
    word(Self.slotsOffset + index * 8).pointee.store(value.rawValue, ordering: .releasing)
  }

  @inline(__always)
  public func due(_ index: Int) -> DueTick {
    DueTick(rawValue: dueCell(index).pointee.load(ordering: .relaxed))
  }

  @inline(__always)
  public func setDue(_ index: Int, _ due: DueTick) {
    dueCell(index).pointee.store(due.rawValue, ordering: .relaxed)
  }

  @inline(__always)
  private func word(_ offset: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
    (base + offset).assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  @inline(__always)
  private func dueCell(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt32>> {
    (base + Self.dueOffset + index * 4).assumingMemoryBound(to: Atomic<UInt32>.self)
  }
}
