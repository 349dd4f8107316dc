import CLinux
import SessionSegment
import Synchronization
import SystemCalls

/// A walk over the whole index for the sessions that are idle the longest, a page at a time. One thread at a time
/// has it.
final class EvictionScan {
  /// When it began, nanoseconds of CLOCK_BOOTTIME.
  let began: Int64
  let number: Int
  /// As many are to be found of each kind, if there are so many.
  let most: Int
  private var collectors: [EvictionCollector?]
  /// The sessions up to here are in the queue already.
  private let horizons: [Int64]
  private let isBacked: Bool
  private var shard = 0
  private var cursor = PageCursor.start
  private(set) var looked = 0

  init(number: Int, isBacked: Bool, looksFor: [Bool], horizons: [Int64], most: Int, at now: Int64) {
    self.number = number
    self.isBacked = isBacked
    self.most = most
    self.horizons = horizons
    began = now
    collectors = looksFor.map { $0 ? EvictionCollector(most: most) : nil }
  }

  /// Looks at a page of the index; whether there is another one.
  func step(_ shards: [IndexShard]) -> Bool {
    let number = shard
    let shard = shards[number]
    let next = shard.lock.withReadLock { () -> PageCursor? in
      let page = shard.page(at: cursor)
      look(at: page, of: shard, number)
      return cursor.next(depth: page.depth)
    }
    cursor = next ?? .start
    if next == nil { self.shard += 1 }
    return self.shard < shards.count
  }

  private func look(at page: BucketPage, of shard: IndexShard, _ number: Int) {
    // The lines of all records at once, since each comes from memory.
    for slot in 0..<BucketPage.slots {
      let word = page.slot(slot)
      guard !word.isEmpty else { continue }
      linux_prefetch(shard.mapping.base + word.offset)
      linux_prefetch(shard.mapping.base + word.offset + RecordLayout.headerBytes - 1)
    }
    for slot in 0..<BucketPage.slots {
      let word = page.slot(slot)
      guard !word.isEmpty else { continue }
      looked += 1
      let record = shard.record(at: word.offset)
      guard let kind = EvictionKind(record, isBacked: isBacked), record.lastUse > horizons[kind.rawValue]
      else { continue }
      collectors[kind.rawValue]?.add(
        EvictionEntry(lastUse: record.lastUse, shard: number, tag: word.tag))
    }
  }

  func looksFor(_ kind: EvictionKind) -> Bool { collectors[kind.rawValue] != nil }

  /// What was found of a kind that it looks for, with those that came to be meanwhile.
  ///
  /// - Parameter areAll: whether no arrival was lost.
  func finish(_ kind: EvictionKind, _ arrivals: [EvictionEntry], areAll: Bool) -> EvictionCollector {
    var collector = collectors[kind.rawValue]!
    collectors[kind.rawValue] = nil
    for entry in arrivals { collector.add(entry) }
    if !areAll { collector.leaveOut(from: began) }
    return collector
  }
}
