import Synchronization

/// The first page of a segment. Words that change often have cache lines of their own, so that readers of the
/// others are not disturbed.
///
///     0     magic
///     8     format version (low half), number of shards (high half)
///     16    size of the segment in bytes
///     24    segment id, two words, random
///     40    hash seed, two words, random
///     56    first page of the spare
///
///     64    absolute lifetime of sessions in nanoseconds, 0 for none
///     72    1 when another segment has taken this one's place, else 0
///     80    the boot in which it was used last, two words; 0 where that is not known
///     96    the store whose cache it is; 0 for none
///     104   where changes were made first (StoreLead)
///     112   when a shared store was seen last, in nanoseconds of CLOCK_BOOTTIME; 0 where that is not known
///
///     128   last version given to a record; grows, never reused
///     136   number of the last event that watchers were told of; grows, never reused
///
///     192   the rename at hand (RenameIntent), three words; zero while there is none
///
///     4088  magic again, so that a segment is known for one when the first word is damaged
///
/// The rest is zero.
public struct SegmentHeader: Sendable {
  enum Offset {
    static let magic = 0
    static let format = 8
    static let size = 16
    static let id = 24
    static let seed = 40
    static let sparePage = 56
    static let lifetime = 64
    static let superseded = 72
    static let boot = 80
    static let store = 96
    static let storeLead = 104
    static let storeSeen = 112
    static let version = 128
    static let event = 136
    static let renaming = 192
    static let secondMagic = SegmentLayout.pageBytes - 8
  }

  private let mapping: SegmentMapping

  public init(_ mapping: SegmentMapping) {
    self.mapping = mapping
  }

  /// Writes a fresh header. The magic comes last: a file without it was never finished.
  ///
  /// - Parameters:
  ///   - lastVersion: versions go on behind it, so that none is used again.
  ///   - lastEvent: likewise the numbers of events.
  public func initialize(
    _ geometry: SegmentGeometry, id: (UInt64, UInt64), seed: HashSeed, lastVersion: UInt64, lastEvent: UInt64
  ) {
    store(UInt64(SegmentLayout.formatVersion) | UInt64(geometry.shards) << 32, at: Offset.format)
    store(UInt64(geometry.bytes), at: Offset.size)
    store(id.0, at: Offset.id)
    store(id.1, at: Offset.id + 8)
    store(seed.first, at: Offset.seed)
    store(seed.second, at: Offset.seed + 8)
    store(UInt64(geometry.firstSparePage), at: Offset.sparePage)
    store(lastVersion, at: Offset.version)
    store(lastEvent, at: Offset.event)
    store(SegmentLayout.magic, at: Offset.secondMagic)
    store(SegmentLayout.magic, at: Offset.magic)
  }

  /// What the header says of the segment, if it can be true of a file of the mapping's size.
  public var facts: SegmentFacts? { SegmentFacts(readWord: { load($0) }, fileBytes: mapping.size) }

  public var id: (UInt64, UInt64) { (load(Offset.id), load(Offset.id + 8)) }
  public var seed: HashSeed { HashSeed(first: load(Offset.seed), second: load(Offset.seed + 8)) }

  /// The next version: unique and growing, whichever session it is for.
  @inline(__always)
  public func nextVersion() -> UInt64 {
    // Relaxed: the number only has to be new. It is published with the record that carries it.
    mapping.word(at: Offset.version).pointee.wrappingAdd(1, ordering: .relaxed).newValue
  }

  /// Sees to it that versions go on behind this one.
  public func skipVersions(to version: UInt64) {
    let word = mapping.word(at: Offset.version)
    var last = word.pointee.load(ordering: .relaxed)
    while last < version {
      let (exchanged, original) = word.pointee.weakCompareExchange(
        expected: last, desired: version, ordering: .relaxed)
      if exchanged { return }
      last = original
    }
  }

  /// The rename at hand: with it a start can tell whether a killed daemon came to its end.
  public var renaming: RenameIntent? {
    get {
      let intent = RenameIntent(
        old: Int(truncatingIfNeeded: load(Offset.renaming)),
        ending: Int(truncatingIfNeeded: load(Offset.renaming + 8)),
        new: Int(truncatingIfNeeded: load(Offset.renaming + 16)))
      return intent.new == 0 ? nil : intent
    }
    nonmutating set {
      // The last word says whether the others mean something.
      guard let newValue else { return store(0, at: Offset.renaming + 16) }
      store(UInt64(newValue.old), at: Offset.renaming)
      store(UInt64(newValue.ending), at: Offset.renaming + 8)
      store(UInt64(newValue.new), at: Offset.renaming + 16)
    }
  }

  /// The last version that was given.
  public var lastVersion: UInt64 {
    get { load(Offset.version) }
    nonmutating set { store(newValue, at: Offset.version) }
  }

  /// The number of the last event that watchers of sessions were told of, or could have been.
  public var lastEvent: UInt64 {
    get { load(Offset.event) }
    nonmutating set { store(newValue, at: Offset.event) }
  }

  /// The bound from a session's creation that no use passes, in nanoseconds; 0 for none.
  public var lifetimeNanoseconds: Int64 {
    @inline(__always) get { Int64(bitPattern: load(Offset.lifetime)) }
    nonmutating set { store(UInt64(bitPattern: newValue), at: Offset.lifetime) }
  }

  /// Whether another segment has taken this one's place: readers turn away from it at once, since nothing in
  /// it changes any more.
  public var isSuperseded: Bool {
    get { load(Offset.superseded) != 0 }
    nonmutating set {
      // Sequentially consistent: it is seen before anything that the segment in its place makes known.
      mapping.word(at: Offset.superseded).pointee.store(newValue ? 1 : 0, ordering: .sequentiallyConsistent)
    }
  }

  /// Which boot of the machine the deadlines belong to: CLOCK_BOOTTIME begins anew with each. (0, 0) where
  /// the kernel does not say.
  public var boot: (UInt64, UInt64) {
    get { (load(Offset.boot), load(Offset.boot + 8)) }
    nonmutating set {
      store(newValue.0, at: Offset.boot)
      store(newValue.1, at: Offset.boot + 8)
    }
  }

  /// The number of the store whose cache this is; 0 for none. What is marked as saved is saved there.
  public var storeID: UInt64 {
    get { load(Offset.store) }
    nonmutating set { store(newValue, at: Offset.store) }
  }

  /// What it is not known of counts as made in the store first, which is believed then.
  public var storeLead: StoreLead {
    get { StoreLead(rawValue: load(Offset.storeLead)) ?? .store }
    nonmutating set { store(newValue.rawValue, at: Offset.storeLead) }
  }

  /// When a shared store was seen last, in nanoseconds of CLOCK_BOOTTIME; 0 where that is not known.
  public var storeSeen: Int64 {
    get { Int64(bitPattern: load(Offset.storeSeen)) }
    nonmutating set { store(UInt64(bitPattern: newValue), at: Offset.storeSeen) }
  }

  @inline(__always)
  private func load(_ offset: Int) -> UInt64 {
    mapping.word(at: offset).pointee.load(ordering: .acquiring)
  }

  private func store(_ value: UInt64, at offset: Int) {
    mapping.word(at: offset).pointee.store(value, ordering: .releasing)
  }
}
