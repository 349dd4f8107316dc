import SessionSegment
import Synchronization
import SystemCalls

/// Knows whom a full cache ends next.
///
/// Its lock comes after any shard's lock and is held for a few instructions.
final class Evictor: @unchecked Sendable {
  // Safe to share: everything that changes is atomic or guarded by `lock`; a scan belongs to the thread that has
  // claimed it.
  /// Whether a store has what leaves memory.
  let isBacked: Bool
  private let lock = MutexLock()
  private var queues = [EvictionQueue(), EvictionQueue()]
  /// The scan that goes on, if no thread has claimed it.
  private var scan: EvictionScan?
  private var isClaimed = false
  private var scansBegun = 0
  private var scansEnded = 0
  private var wanted = Evictor.leastWanted

  /// By kind, `EvictionQueue.arrivalHorizon`, for a look without the lock.
  private let untaggedArrivals = Atomic<Int64>(.min)
  private let taggedArrivals = Atomic<Int64>(.min)
  /// Whether a scan goes on that no thread has claimed, and whether one should begin, for a look without the lock.
  private let isScanWaiting = Atomic<Bool>(false)
  private let isScanMissing = Atomic<Bool>(true)

  private let evictedUntagged = Atomic<Int>(0)
  private let evictedTagged = Atomic<Int>(0)
  private let evictedExpired = Atomic<Int>(0)
  /// Index entries that were looked at for all that.
  let looked = Atomic<Int>(0)
  /// The last tick of which nothing is left to be ended.
  let expiredTick = Atomic<UInt32>(0)

  /// A scan is to find a sixteenth of all sessions, so that each eviction costs a look at some sixteen, and so many
  /// at least.
  private static let leastWanted = 512
  private static let wantedFraction = 16

  /// Sessions that were ended because a write wanted their room.
  var evicted: SessionCache.Statistics.Evicted {
    .init(
      expired: evictedExpired.load(ordering: .relaxed), untagged: evictedUntagged.load(ordering: .relaxed),
      tagged: evictedTagged.load(ordering: .relaxed))
  }

  /// Counts sessions that were ended; of no kind are those whose time was over.
  func count(_ kind: EvictionKind?, _ number: Int = 1) {
    switch kind {
    case .untagged: evictedUntagged.wrappingAdd(number, ordering: .relaxed)
    case .tagged: evictedTagged.wrappingAdd(number, ordering: .relaxed)
    case nil: evictedExpired.wrappingAdd(number, ordering: .relaxed)
    }
  }

  init(isBacked: Bool) {
    self.isBacked = isBacked
  }

  @inline(__always)
  func kind(of record: borrowing RecordView) -> EvictionKind? { EvictionKind(record, isBacked: isBacked) }

  // MARK: Arrivals

  /// Notes a session that came to be, or became one of another kind. Under its shard's exclusive lock, with the
  /// index knowing it already: so a scan either sees it, or has begun before and wants to be told.
  @inline(__always)
  func arrived(_ record: borrowing RecordView, shard: Int, tag: SlotTag) {
    guard let kind = kind(of: record) else { return }
    // Relaxed: a scan that raises it takes the shard's lock afterwards.
    let horizon =
      kind == .untagged
      ? untaggedArrivals.load(ordering: .relaxed) : taggedArrivals.load(ordering: .relaxed)
    let lastUse = record.lastUse
    guard lastUse <= horizon else { return }
    add(EvictionEntry(lastUse: lastUse, shard: shard, tag: tag), kind)
  }

  /// Puts a session back, or in its place if it was used meanwhile.
  func add(_ entry: EvictionEntry, _ kind: EvictionKind) {
    lock.withLock {
      queues[kind.rawValue].add(entry)
      publishHorizons()
    }
  }

  private func publishHorizons() {
    untaggedArrivals.store(queues[0].arrivalHorizon, ordering: .relaxed)
    taggedArrivals.store(queues[1].arrivalHorizon, ordering: .relaxed)
  }

  // MARK: Whose turn it is

  enum Next {
    case session(EvictionEntry, EvictionKind)
    /// A scan must find more first; so many have ended so far.
    case unknown(scansEnded: Int)
    /// There is no session.
    case nobody
  }

  func next() -> Next {
    lock.withLock {
      defer {
        publishHorizons()
        isScanMissing.store(scan == nil && !isClaimed && isScanWanted, ordering: .relaxed)
      }
      for kind in EvictionKind.allCases {
        if let entry = queues[kind.rawValue].removeFirst() { return .session(entry, kind) }
        if !queues[kind.rawValue].isComplete { return .unknown(scansEnded: scansEnded) }
      }
      return .nobody
    }
  }

  /// Forgets everything, and gives the memory back.
  func forget() {
    // Their memory goes when the lock is let go.
    let old = lock.withLock {
      let old = queues
      queues = [EvictionQueue(), EvictionQueue()]
      scan = nil
      isClaimed = false
      // A scan that a thread has claimed comes to nothing.
      scansBegun += 1
      scansEnded = scansBegun
      publishHorizons()
      isScanWaiting.store(false, ordering: .relaxed)
      isScanMissing.store(true, ordering: .relaxed)
      return old
    }
    withExtendedLifetime(old) {}
  }

  // MARK: Scans

  /// Begins a scan if the queues are running low; whether it did.
  func beginScanIfWanted(sessions: @autoclosure () -> Int, at now: Int64) -> Bool {
    guard isScanMissing.load(ordering: .relaxed) else { return false }
    let sessions = sessions()
    return lock.withLock {
      isScanMissing.store(false, ordering: .relaxed)
      guard scan == nil, !isClaimed, isScanWanted else { return false }
      wanted = max(Self.leastWanted, sessions / Self.wantedFraction)
      let looksFor = queues.map { !$0.isComplete && $0.count < wanted / 2 }
      scansBegun += 1
      scan = EvictionScan(
        number: scansBegun, isBacked: isBacked, looksFor: looksFor, horizons: queues.map(\.horizon),
        most: wanted, at: now)
      for index in queues.indices where looksFor[index] { queues[index].beginScan() }
      publishHorizons()
      isScanWaiting.store(true, ordering: .relaxed)
      return true
    }
  }

  private var isScanWanted: Bool {
    let few = wanted / 2
    if !queues[0].isComplete { return queues[0].count < few }
    return !queues[1].isComplete && queues[0].count + queues[1].count < few
  }

  /// Whether `claimScan` is likely to come to something.
  @inline(__always)
  var isScanToBeHad: Bool { isScanWaiting.load(ordering: .relaxed) }

  /// The scan that goes on, for the calling thread alone; nil if there is none, or another thread has it. Either
  /// `putBack` or `end` comes next.
  func claimScan() -> EvictionScan? {
    lock.withLock {
      guard let claimed = scan else { return nil }
      scan = nil
      isClaimed = true
      isScanWaiting.store(false, ordering: .relaxed)
      return claimed
    }
  }

  func putBack(_ claimed: EvictionScan) {
    lock.withLock {
      guard isCurrent(claimed) else { return }
      isClaimed = false
      scan = claimed
      isScanWaiting.store(true, ordering: .relaxed)
      lock.signal()
    }
  }

  /// Takes over what a scan has found that came to its end.
  func end(_ claimed: EvictionScan, at now: Int64) {
    for kind in EvictionKind.allCases where claimed.looksFor(kind) {
      let arrivals = lock.withLock {
        isCurrent(claimed) ? queues[kind.rawValue].takeArrivals() : (entries: [], areAll: true)
      }
      let found = claimed.finish(kind, arrivals.entries, areAll: arrivals.areAll)
      let room = 2 * claimed.most
      let heap = EvictionHeap(found.entries, spareRoom: found.limit == .max ? room : 0)
      lock.withLock {
        guard isCurrent(claimed) else { return }
        queues[kind.rawValue].endScan(heap, limit: found.limit, room: room, at: now)
      }
    }
    looked.wrappingAdd(claimed.looked, ordering: .relaxed)
    lock.withLock {
      guard isCurrent(claimed) else { return }
      isClaimed = false
      scansEnded = claimed.number
      publishHorizons()
      lock.signal()
    }
  }

  /// Whether nobody has said `forget` since it was claimed.
  private func isCurrent(_ claimed: EvictionScan) -> Bool { isClaimed && claimed.number == scansBegun }

  /// Waits until the scan that another thread has claimed can be had, or has ended, or a moment has passed; false
  /// if no thread has one.
  func waitForScan(after ended: Int) -> Bool {
    lock.withLock {
      guard scansEnded == ended else { return true }
      guard isClaimed else { return scan != nil }
      lock.wait(nanoseconds: 200_000)
      return true
    }
  }

  func haveMoreScansEnded(than ended: Int) -> Bool { lock.withLock { scansEnded != ended } }
}
