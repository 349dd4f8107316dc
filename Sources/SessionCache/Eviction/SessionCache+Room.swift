import Glibc
import SessionSegment
import Synchronization
import SystemCalls

extension SessionCache {
  /// Sessions of so many bytes are ended before it is tried to make pages of the room that they leave.
  private static let freedBetweenAttempts = 16 * 1024
  /// Where so much of the segment, a sixteenth, lies fallow, it is tried before any session is ended.
  private static let fallowFraction = 16
  /// So often who finds nobody to end waits for what other threads are about to give back: some hundred milliseconds.
  private static let waitsMost = 1024

  /// Gets the blocks or pages that a write wants, by ending sessions if there is no other way. The caller holds
  /// the room lock and no other.
  ///
  /// - Parameters:
  ///   - spared: the session that is written.
  ///   - isAlone: the lock is held exclusively. Only then a failure means that the cache is full: what other threads
  ///     have in hand is waited for.
  /// - Returns: false if the cache is full and nothing may, or can, be ended for the write.
  func makeRoom(
    for demand: BlockAllocator.Demand, sparing spared: SparedSession, isAlone: Bool, at now: Int64
  ) -> Bool {
    let common = allocator.common
    let least = common.leastPages(demand) * SegmentLayout.pageBytes
    let step = max(least / 4, Self.freedBetweenAttempts)
    var freed = 0
    var waits = 0
    var isWorthAttempt = common.slackBytes > max(allocator.geometry.bytes / Self.fallowFraction, 2 * least)
    while true {
      switch common.supply(for: demand) {
      case .blocks: return true
      case .pages:
        if common.refill(demand) {
          if allocator.isNearlyFull { scanAhead(at: now) }
          return true
        }
      case .nothing: break
      }
      if isWorthAttempt, joinPages(for: demand) { return true }
      guard freed > 0 || couldHold(demand, beside: spared) else { return false }
      // Others may fill what is freed here, and can't want more than that for ever.
      let mayEnd = freed <= 2 * allocator.geometry.bytes
      guard mayEnd, let bytes = evictNext(sparing: spared, isAlone: isAlone, at: now) else {
        guard isAlone else { return joinPages(for: demand) || common.refill(demand) }
        // What the store has not heard of can't go before it has: who wants room waits for that without a lock.
        guard !isBacked else { return joinPages(for: demand) || common.refill(demand) }
        let wasSettled = isSettled(sparing: spared)
        if gatherAll(for: demand) { return true }
        guard mayEnd, waits < Self.waitsMost, !wasSettled || !isSettled(sparing: spared) else { return false }
        waits += 1
        waitABit(waits)
        continue
      }
      isWorthAttempt = (freed + bytes) / step > freed / step
      freed += bytes
    }
  }

  /// The last attempt, when nobody is left to be ended: with what compaction keeps free, with what was got for
  /// changes that did not take it, and all over the segment.
  private func gatherAll(for demand: BlockAllocator.Demand) -> Bool {
    let common = allocator.common
    allocator.endEvacuation()
    while common.loosenSome(sparesFresh: false) {}
    if common.refill(demand) { return true }
    guard common.slackBytes >= common.leastPages(demand) * SegmentLayout.pageBytes else { return false }
    for _ in 0..<common.searchesOfAll where joinPages(for: demand) { return true }
    return false
  }

  /// Whether there is no session but the one that is written, and no block in use that the index does not name: one
  /// that came out of it and was not given back yet, or was taken and is not in it yet. While it is not so, a failure
  /// means nothing.
  private func isSettled(sparing spared: SparedSession) -> Bool {
    let before = allocator.use
    var named = 0
    var sessions = 0
    for shard in shards {
      shard.lock.withReadLock {
        named += shard.blockCount
        sessions += shard.sessionCount.load(ordering: .relaxed)
      }
    }
    let own = shard(spared.hash)
    own.lock.withReadLock {
      if let place = own.find(spared.hash.tag, spared.id), own.record(at: place.offset).isSession {
        sessions -= 1
      }
    }
    // Unless a block changed hands meanwhile all shards were as they were at one moment.
    return sessions == 0 && named == before.blocks && allocator.use == before
  }

  /// Lets other threads go on, which hold no lock for long.
  private func waitABit(_ waits: Int) {
    if waits < 16 { sched_yield() } else { usleep(100) }
  }

  /// Makes pages for a demand out of what lies fallow here and there.
  private func joinPages(for demand: BlockAllocator.Demand) -> Bool {
    if clearPages(for: demand) { return true }
    // Any pages are a place for what lies in those that are wanted in a row.
    var gathered = 0
    while gathered < allocator.common.leastPages(demand) {
      let before = allocator.common.freePageCount
      guard clearPages(for: nil) else { break }
      gathered += max(1, allocator.common.freePageCount - before)
    }
    return gathered > 0 && (allocator.common.refill(demand) || clearPages(for: demand))
  }

  /// Whether a cache with nothing else in it would have room for the demand beside what stays: the index, and the
  /// session that is written as it is.
  private func couldHold(_ demand: BlockAllocator.Demand, beside spared: SparedSession) -> Bool {
    let shard = shard(spared.hash)
    let own = shard.lock.withReadLock {
      shard.find(spared.hash.tag, spared.id).map { shard.record(at: $0.offset).size }
    }
    let index = shards.reduce(0) { $0 + $1.indexBytes.load(ordering: .relaxed) }
    let room = allocator.geometry.bytes - allocator.geometry.tableBytes - allocator.geometry.spareBytes
    return allocator.common.leastPages(demand) * SegmentLayout.pageBytes + (own ?? 0) + index <= room - room
      / 16
  }
}
