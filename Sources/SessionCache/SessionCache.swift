public import SessionSegment
import Synchronization
import SystemCalls

/// The cache of sessions: a segment, the index over it, and the rules of the time to live. Any thread
/// may call it; readers of one shard go side by side, a writer alone.
///
/// Session ids and keys are 1 to 255 bytes of UTF-8, values JSON text: the caller has checked them.
/// Times are nanoseconds of CLOCK_BOOTTIME and are given by the caller.
public final class SessionCache: Sendable {
  /// What may be changed while the cache runs.
  public struct Settings: Sendable, Equatable {
    /// The idle time to live of a session that names none, in nanoseconds.
    public var ttl: Int64
    /// The bound from a session's creation that no use passes, in nanoseconds; 0 for none.
    public var lifetime: Int64
    /// The most bytes in one session's record.
    public var sessionBytesMost: Int
    /// The most keys in one session.
    public var keysMost: Int
    /// Whether a write for which no memory is left ends other sessions: those whose time is over, then those without
    /// tags, then those with tags, each the longest idle first. If not, it is refused.
    public var evictsWhenFull: Bool
    /// With a store behind the cache: what nobody used for so many nanoseconds leaves memory; 0: not for that reason.
    public var cacheTTL: Int64

    public init(
      ttl: Int64, lifetime: Int64, sessionBytesMost: Int, keysMost: Int, evictsWhenFull: Bool = false,
      cacheTTL: Int64 = 0
    ) {
      self.ttl = ttl
      self.lifetime = lifetime
      self.sessionBytesMost = sessionBytesMost
      self.keysMost = keysMost
      self.evictsWhenFull = evictsWhenFull
      self.cacheTTL = cacheTTL
    }
  }

  let segment: SegmentFile
  let mapping: SegmentMapping
  let header: SegmentHeader
  let geometry: SegmentGeometry
  let allocator: SegmentAllocator
  /// What stands behind the cache.
  public let backing: Backing
  let evictor: Evictor
  let shards: [IndexShard]
  let shardBits: Int
  let seed: HashSeed
  let reader: SegmentReader
  let tags: TagIndex
  /// How and by whom the last sessions ended.
  public let ends: EndLog
  /// What happens to sessions, for those who watch them.
  public let events: EventLog
  /// Whoever makes room holds it shared. Who would have to refuse a change tries again alone, exclusively, and keeps it
  /// until the change is made. Taken before all others.
  let roomLock = ReadWriteLock()
  /// One rename at a time. Taken before the shards' locks.
  let renameLock = MutexLock()
  /// How many sessions were restored: part of their stamps.
  let restoreCount = Atomic<UInt64>(0)
  private let defaultTTL: Atomic<Int64>
  private let sessionBytesMost: Atomic<Int>
  private let keysMost: Atomic<Int>
  private let cacheTTL: Atomic<Int64>
  /// Records that left memory, being in the store.
  let forgottenCount = Atomic<Int>(0)
  /// The moment until which the reclaimer means to sleep; an earlier deadline wakes it.
  let sweepPlanned = Atomic<Int64>(.max)
  private let wakeReclaimer: @Sendable () -> Void
  /// Whether the reclaimer was woken to give memory back, and has not done it yet.
  let isTrimAsked = Atomic<Bool>(false)
  let lastTrim = Atomic<Int64>(.min / 2)
  /// Whether a write has failed for want of pages since the last compaction, and when that was.
  let isCompactionAsked = Atomic<Bool>(false)
  let lastCompaction = Atomic<Int64>(.min / 2)
  /// So many pages, 4 MiB, are worth waking the reclaimer before a session is due.
  private static let surplusPagesKept = 1024

  /// Makes an empty cache in a segment with nothing in it.
  ///
  /// - Parameters:
  ///   - shardCount: how many shards the index has: a power of two, 1 to 1024.
  ///   - wakeReclaimer: called, rarely and from any thread, when `sweep` has something to do earlier than
  ///     it said. It must not call the cache.
  /// - Throws: `SegmentError.size` if the segment has no room for an empty index; `SystemCallError` if the
  ///   file system has none for that and one large session.
  public convenience init(
    segment: SegmentFile, shardCount: Int, settings: Settings, backing: Backing = .none,
    wakeReclaimer: @escaping @Sendable () -> Void
  ) throws {
    guard
      let geometry = SegmentGeometry(
        bytes: segment.mapping.size, shards: shardCount, sessionBytesMost: settings.sessionBytesMost)
    else { throw SegmentError.size(segment.mapping.size) }
    try self.init(
      empty: segment, geometry, lastVersion: 0, lastEvent: 0, settings: settings, backing: backing,
      wakeReclaimer: wakeReclaimer)
  }

  /// - Parameters:
  ///   - lastVersion: versions go on behind it.
  ///   - lastEvent: numbers of events go on behind it.
  convenience init(
    empty segment: SegmentFile, _ geometry: SegmentGeometry, lastVersion: UInt64, lastEvent: UInt64,
    settings: Settings, backing: Backing, wakeReclaimer: @escaping @Sendable () -> Void
  ) throws {
    SegmentHeader(segment.mapping).initialize(
      geometry, id: (try randomWord(), try randomWord()),
      seed: HashSeed(first: try randomWord(), second: try randomWord()), lastVersion: lastVersion,
      lastEvent: lastEvent)
    let allocator = try SegmentAllocator(geometry, in: segment)
    try self.init(segment, geometry, allocator, settings, backing, wakeReclaimer)
    for shard in shards {
      try refilling { () throws(Interruption) in try shard.initialize() }
    }
  }

  /// The parts put together; the index is the caller's to make or to take over.
  init(
    _ segment: SegmentFile, _ geometry: SegmentGeometry, _ allocator: SegmentAllocator, _ settings: Settings,
    _ backing: Backing, _ wakeReclaimer: @escaping @Sendable () -> Void
  ) throws(SegmentError) {
    self.segment = segment
    self.geometry = geometry
    self.allocator = allocator
    mapping = segment.mapping
    header = SegmentHeader(mapping)
    reader = try SegmentReader(mapping)
    seed = header.seed
    self.backing = backing
    evictor = Evictor(isBacked: backing != .none)
    tags = TagIndex(seed: header.seed, isKept: backing == .none)
    ends = EndLog(seed: header.seed)
    events = EventLog(
      last: header.lastEvent, keepNumber: { [header] in header.lastEvent = $0 }, wakeReclaimer: wakeReclaimer)
    shardBits = geometry.shards.trailingZeroBitCount
    shards = (0..<geometry.shards).map { [mapping, evictor] in
      IndexShard(mapping, number: $0, allocator: allocator, evictor: evictor)
    }
    defaultTTL = Atomic(settings.ttl)
    sessionBytesMost = Atomic(settings.sessionBytesMost)
    keysMost = Atomic(settings.keysMost)
    cacheTTL = Atomic(settings.cacheTTL)
    allocator.evictsWhenFull.store(settings.evictsWhenFull || backing != .none, ordering: .relaxed)
    self.wakeReclaimer = wakeReclaimer
    header.lifetimeNanoseconds = settings.lifetime
  }

  /// The settings in force. Changed ones count from the next request on; a changed absolute lifetime
  /// counts for the sessions that there are, too.
  public var settings: Settings {
    get {
      Settings(
        ttl: defaultTTL.load(ordering: .relaxed), lifetime: header.lifetimeNanoseconds,
        sessionBytesMost: sessionBytesMost.load(ordering: .relaxed),
        keysMost: keysMost.load(ordering: .relaxed),
        evictsWhenFull: evictsWhenFull, cacheTTL: cacheTTL.load(ordering: .relaxed))
    }
    set {
      defaultTTL.store(newValue.ttl, ordering: .relaxed)
      sessionBytesMost.store(newValue.sessionBytesMost, ordering: .relaxed)
      keysMost.store(newValue.keysMost, ordering: .relaxed)
      let evicts = newValue.evictsWhenFull || isBacked
      allocator.evictsWhenFull.store(evicts, ordering: .relaxed)
      if !evicts { evictor.forget() }
      let oldCacheTTL = cacheTTL.exchange(newValue.cacheTTL, ordering: .relaxed)
      guard newValue.lifetime != header.lifetimeNanoseconds || newValue.cacheTTL != oldCacheTTL else {
        return
      }
      header.lifetimeNanoseconds = newValue.lifetime
      makeAllDue()
    }
  }

  @inline(__always)
  var isBacked: Bool { backing != .none }

  /// When a sweep has to look at a record: at its end, or when it was idle for long enough to leave memory.
  @inline(__always)
  func due(of record: borrowing RecordView) -> DueTick {
    guard isBacked else { return DueTick(at: record.end(lifetime: header.lifetimeNanoseconds)) }
    return due(of: record, endingAt: record.deadline)
  }

  /// The same for a record with a store behind it, as if it had another deadline. In the index stands what the store
  /// knows of a session that is saved, so that a use since then shows.
  func due(of record: borrowing RecordView, endingAt deadline: Int64) -> DueTick {
    let lifetime = header.lifetimeNanoseconds
    let end = lifetime == 0 || !record.isSession ? deadline : min(deadline, record.created &+ lifetime)
    let idle = cacheTTL.load(ordering: .relaxed)
    return DueTick(at: idle == 0 ? end : min(end, deadline &- record.ttl &+ idle))
  }

  var evictsWhenFull: Bool { allocator.evictsWhenFull.load(ordering: .relaxed) }

  /// A random seed for `FieldEdits`, the segment's own.
  public var hashSeed: HashSeed { seed }

  /// The random number that tells this segment from every other.
  public var segmentID: SegmentID { SegmentID(header.id.0, header.id.1) }

  @inline(__always)
  func hash(_ id: UnsafeRawBufferPointer) -> SessionHash { SessionHash(id, seed: seed) }

  @inline(__always)
  func shard(_ hash: SessionHash) -> IndexShard { shards[hash.shard(bitCount: shardBits)] }

  func wakeForCompaction() { wakeReclaimer() }
  func wakeForEviction() { wakeReclaimer() }

  /// Wakes the reclaimer if much memory is there to be given back.
  func wakeReclaimerIfSurplus() {
    guard allocator.surplusPages > Self.surplusPagesKept,
      !isTrimAsked.exchange(true, ordering: .relaxed)
    else { return }
    wakeReclaimer()
  }

  /// Wakes the reclaimer if a deadline comes before the moment it sleeps to.
  func wakeReclaimerIfNeeded(due: DueTick) {
    // Sequentially consistent, as the stores and loads of the shards' earliest due ticks are: this thread
    // stored its tick and then looks at the plan, the sweep stores its plan and then looks at the ticks, so
    // that one of the two sees the other.
    if due.moment < sweepPlanned.load(ordering: .sequentiallyConsistent) {
      sweepPlanned.store(due.moment, ordering: .sequentiallyConsistent)
      wakeReclaimer()
    }
  }
}
