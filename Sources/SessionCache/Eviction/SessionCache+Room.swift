import SessionSegment
import Synchronization
import SystemCalls

extension SessionCache {
  /// Sessions of so many bytes are ended before it is tried to make pages of the room that they leave.
  private static let freedBetweenAttempts = 16 * 1024
  /// Where so much of the segment, a sixteenth, lies fallow, it is tried before any session is ended.
  private static let fallowFraction = 16

  /// Gets the blocks or pages that a write wants, by ending sessions if there is no other way. The caller holds no
  /// lock.
  ///
  /// - Parameter spared: the session that is written.
  /// - Returns: false if the cache is full and nothing may, or can, be ended for the write.
  func makeRoom(for demand: BlockAllocator.Demand, sparing spared: SparedSession, at now: Int64) -> Bool {
    let common = allocator.common
    let least = common.leastPages(demand) * SegmentLayout.pageBytes
    let step = max(least / 4, Self.freedBetweenAttempts)
    var freed = 0
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
      guard let bytes = evictNext(sparing: spared, at: now) else {
        return joinPages(for: demand) || common.refill(demand)
      }
      isWorthAttempt = (freed + bytes) / step > freed / step
      freed += bytes
    }
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
