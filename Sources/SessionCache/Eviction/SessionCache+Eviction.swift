import SessionSegment
import Synchronization
import SystemCalls

extension SessionCache {
  /// A session on whose behalf room is made, and which is not ended for it.
  struct SparedSession {
    let id: UnsafeRawBufferPointer
    let hash: SessionHash
  }

  private enum Attempt {
    /// So many bytes became free.
    case ended(bytes: Int)
    case isSpared
    /// It was used since, at this moment.
    case used(Int64)
    /// The store has not heard of it, or not of its last use.
    case isUnsaved
    case isGone
  }

  /// A scan goes over all sessions, and what it finds may be used again before its turn comes. After so many a call
  /// gives up, or ends also who was used since, and after as many again it gives up.
  private static let scansMost = 8
  /// So many that the store has not heard of yet are passed over.
  private static let unsavedMost = 64

  /// Ends the session whose turn it is: one whose time is over, else the untagged one that is idle the longest, else
  /// the tagged one. The caller holds the room lock and no other.
  ///
  /// - Parameter isAlone: it holds it exclusively.
  /// - Returns: how many bytes became free; nil if there is nothing to end.
  func evictNext(sparing spared: SparedSession, isAlone: Bool, at now: Int64) -> Int? {
    if let bytes = endExpired(at: now) { return bytes }
    var setAside: [(EvictionEntry, EvictionKind)] = []
    defer { for (entry, kind) in setAside { evictor.add(entry, kind) } }
    var scans = 0
    while true {
      switch evictor.next() {
      case .session(var entry, let kind):
        switch end(entry, kind, sparing: spared, evenIfUsed: scans > Self.scansMost, at: now) {
        case .ended(let bytes):
          scanAhead(at: now)
          return bytes
        case .isSpared: setAside.append((entry, kind))
        case .isUnsaved:
          setAside.append((entry, kind))
          guard setAside.count < Self.unsavedMost else { return nil }
        case .used(let moment):
          entry.lastUse = moment
          evictor.add(entry, kind)
        case .isGone: break
        }
      case .unknown(let scansEnded):
        guard scans < (isAlone ? 2 : 1) * Self.scansMost else { return nil }
        scans += 1
        scan(after: scansEnded, at: now)
      case .nobody: return nil
      }
    }
  }

  /// Ends the session of an entry, if it is still the one that is idle for so long.
  private func end(
    _ entry: EvictionEntry, _ kind: EvictionKind, sparing spared: SparedSession, evenIfUsed: Bool,
    at now: Int64
  ) -> Attempt {
    let shard = shards[Int(entry.shard)]
    let lifetime = header.lifetimeNanoseconds
    evictor.looked.wrappingAdd(1, ordering: .relaxed)
    var ended: Int?
    let attempt = shard.lock.withWriteLock { () -> Attempt in
      var earliest: (place: IndexShard.Place, lastUse: Int64)?
      var isSpared = false
      shard.forEachPlace(of: entry.tag) { place in
        let record = shard.record(at: place.offset)
        guard evictor.kind(of: record) == kind else { return }
        guard entry.tag != spared.hash.tag || !record.hasID(spared.id) else {
          isSpared = true
          return
        }
        if record.lastUse < earliest?.lastUse ?? .max { earliest = (place, record.lastUse) }
      }
      guard let (place, lastUse) = earliest else { return isSpared ? .isSpared : .isGone }
      guard evenIfUsed || lastUse <= entry.lastUse else { return .used(lastUse) }
      let record = shard.record(at: place.offset)
      let bytes = record.size
      if isBacked {
        guard isDroppable(place, of: shard) else {
          shard.mark(place, isUnsaved: true)
          return .isUnsaved
        }
        ended = place.offset
        forget(place, from: shard)
        shard.joinIfSparse(at: PageCursor(entry.tag))
        return .ended(bytes: bytes)
      }
      let isExpired = record.isExpired(at: now, lifetime: lifetime)
      ended = place.offset
      if isExpired {
        dropExpired(place, from: shard, hash(record.rawID))
      } else {
        drop(place, from: shard, hash(record.rawID), .evicted, by: nil, at: now)
      }
      shard.joinIfSparse(at: PageCursor(entry.tag))
      evictor.count(isExpired ? nil : kind)
      return .ended(bytes: bytes)
    }
    if let ended { release(ended) }
    return attempt
  }

  // MARK: Expired sessions

  /// Ends sessions of one page of the index whose time is over. The reclaimer does that as well, and in time as a
  /// rule: this is for when it is behind.
  ///
  /// - Returns: how many bytes became free; nil if there was none.
  private func endExpired(at now: Int64) -> Int? {
    let passed = DueTick.passed(at: now)
    // The reclaimer is given a tick, and the time for its round.
    guard sweepPlanned.load(ordering: .relaxed) < now &- DueTick.nanoseconds,
      evictor.expiredTick.load(ordering: .relaxed) < passed.rawValue
    else { return nil }
    for shard in shards
    where DueTick(rawValue: shard.earliestDue.load(ordering: .relaxed)) <= passed {
      var cursor: PageCursor? = .start
      while let place = cursor {
        let (ended, next) = endExpired(at: place, of: shard, now)
        cursor = next
        guard !ended.isEmpty else { continue }
        var bytes = 0
        for offset in ended {
          bytes += shard.record(at: offset).size
          release(offset)
        }
        evictor.count(nil, ended.count)
        return bytes
      }
    }
    evictor.expiredTick.store(passed.rawValue, ordering: .relaxed)
    return nil
  }

  private func endExpired(
    at place: PageCursor, of shard: IndexShard, _ now: Int64
  ) -> (ended: [Int], next: PageCursor?) {
    shard.lock.withWriteLock {
      let page = shard.page(at: place)
      var ended: [Int] = []
      if page.earliestDue <= DueTick.passed(at: now) {
        evictor.looked.wrappingAdd(page.count, ordering: .relaxed)
        sweep(page, of: shard, at: now, &ended)
        shard.joinIfSparse(at: place)
      }
      return (ended, place.next(depth: shard.page(at: place).depth))
    }
  }
}
