import SessionSegment
import Synchronization
import SystemCalls

/// How records leave the memory of a cache that has a store behind it. Nothing ends by that.
extension SessionCache {
  /// How long an absence is remembered, in nanoseconds.
  static let absenceTTL: Int64 = 10_000_000_000
  /// How long what was loaded stays in memory at least, in nanoseconds, unless half the time is less after which what
  /// is unused leaves it.
  static let loadedStayMost: Int64 = 1_000_000_000
  /// How long a record that can't leave yet is left alone by the sweep, in nanoseconds.
  private static let sweepAgain: Int64 = 1_000_000_000

  /// Lets go of what is known of an id; whether it did. What the store has not heard of stays, unless the store is a
  /// shared one, which knows better.
  ///
  /// - Parameters:
  ///   - evenIfUsed: also a session of which the store has not heard that it was used.
  ///   - evenIfUnsaved: whatever the store has not heard of.
  public func forget(_ id: Span<UInt8>, evenIfUsed: Bool = false, evenIfUnsaved: Bool = false) -> Bool {
    let found: Int? = id.withUnsafeBytes { id in
      let hash = hash(id)
      let shard = shard(hash)
      return shard.lock.withWriteLock { () -> Int? in
        guard let place = shard.find(hash.tag, id),
          backing == .shared || evenIfUnsaved || isDroppable(place, of: shard, evenIfUsed: evenIfUsed)
        else { return nil }
        forget(place, from: shard)
        return place.offset
      }
    }
    guard let found else { return false }
    release(found)
    return true
  }

  /// Lets go of all that the store has, or, where that is a shared one, of all. No lock is held for long.
  ///
  /// - Parameters:
  ///   - evenIfUsed: also sessions of which the store has not heard that they were used.
  ///   - evenIfUnsaved: whatever the store has not heard of.
  public func forgetAll(evenIfUsed: Bool = false, evenIfUnsaved: Bool = false) {
    var cursor: WalkCursor? = WalkCursor()
    while let place = cursor {
      cursor = walk(place) { shard, page, ended in
        forEach(in: page) { slot, word in
          let place = IndexShard.Place(page: page, slot: slot, offset: word.offset)
          guard
            backing == .shared || evenIfUnsaved || isDroppable(place, of: shard, evenIfUsed: evenIfUsed)
          else { return false }
          ended.append(word.offset)
          forget(place, from: shard)
          return true
        }
      }
    }
  }

  // MARK: Under the shard's exclusive lock

  /// Whether the store has all that is known of an entry.
  func isDroppable(_ place: IndexShard.Place, of shard: IndexShard, evenIfUsed: Bool = false) -> Bool {
    guard !place.page.slot(place.slot).isUnsaved else { return false }
    return evenIfUsed || !isUsed(place, of: shard)
  }

  /// Whether a session that is saved was used since: it would end later than the index says, but for a quarter of a
  /// second.
  func isUsed(_ place: IndexShard.Place, of shard: IndexShard) -> Bool {
    let record = shard.record(at: place.offset)
    return record.isSession && !place.page.slot(place.slot).isUnsaved
      && due(of: record) > place.page.due(place.slot)
  }

  /// Takes an entry out of the index; `release` comes after the lock.
  func forget(_ place: IndexShard.Place, from shard: IndexShard) {
    // First: who has seen an older count has read from the store what was there before.
    forgottenCount.wrappingAdd(1, ordering: .sequentiallyConsistent)
    shard.remove(place)
  }

  /// What a sweep did with an entry.
  struct SweepOutcome {
    /// The block of the record that is not named any more.
    var ended: Int?
    /// Whether the entry left its slot.
    var isGone: Bool
  }

  /// An entry whose time is over. The store has to hear of the end of a session that only this daemon knows of; an
  /// absence stands for it until then.
  func sweepExpired(_ place: IndexShard.Place, of shard: IndexShard, at now: Int64) -> SweepOutcome {
    let record = shard.record(at: place.offset)
    guard backing == .own, record.isSession || place.page.slot(place.slot).isUnsaved else {
      forget(place, from: shard)
      return SweepOutcome(ended: place.offset, isGone: true)
    }
    let id = record.rawID
    let writer = RecordWriter(absenceOf: id.count)
    guard record.isSession, let offset = allocator.allocateForMark(writer.size, insteadOf: record.size) else {
      // Without room it stays as it is, which nobody finds either.
      shard.mark(place, isUnsaved: true)
      place.page.setDue(place.slot, DueTick(at: now &+ Self.sweepAgain))
      return SweepOutcome(ended: nil, isGone: false)
    }
    writer.writeBare(
      at: mapping.base + offset, id: id, version: header.nextVersion(), created: now, ttl: Self.absenceTTL,
      deadline: now &+ Self.absenceTTL)
    noteExpired(record, in: shard)
    shard.replace(place, offset: offset, due: due(of: shard.record(at: offset)), isUnsaved: true)
    return SweepOutcome(ended: place.offset, isGone: false)
  }

  /// An entry that was not used for so long that it need not be in memory, or that was used since.
  func sweepIdle(_ place: IndexShard.Place, of shard: IndexShard, at now: Int64) -> SweepOutcome {
    let due = due(of: shard.record(at: place.offset))
    guard due <= DueTick.passed(at: now) else {
      // It was used: the store has to hear of it before the index forgets.
      if isUsed(place, of: shard) { shard.mark(place, isUnsaved: true) }
      place.page.setDue(place.slot, due)
      return SweepOutcome(ended: nil, isGone: false)
    }
    guard isDroppable(place, of: shard) else {
      shard.mark(place, isUnsaved: true)
      place.page.setDue(place.slot, DueTick(at: now &+ Self.sweepAgain))
      return SweepOutcome(ended: nil, isGone: false)
    }
    forget(place, from: shard)
    return SweepOutcome(ended: place.offset, isGone: true)
  }

  // MARK: Walking

  /// Calls `body` with one page of the index, its shard's lock held exclusively, and releases what it has ended.
  ///
  /// - Returns: where to go on; nil at the end.
  func walk(
    _ cursor: WalkCursor, _ body: (IndexShard, BucketPage, _ ended: inout [Int]) -> Void
  ) -> WalkCursor? {
    let shard = shards[cursor.shard]
    var ended: [Int] = []
    let next = shard.lock.withWriteLock {
      let page = shard.page(at: cursor.page)
      body(shard, page, &ended)
      if !ended.isEmpty { shard.joinIfSparse(at: cursor.page) }
      return cursor.page.next(depth: shard.page(at: cursor.page).depth)
    }
    for offset in ended { release(offset) }
    if let next { return WalkCursor(shard: cursor.shard, page: next) }
    return cursor.shard + 1 < shards.count ? WalkCursor(shard: cursor.shard + 1, page: .start) : nil
  }

  /// Calls `body` with each entry of a page; it says whether it has taken the entry out.
  func forEach(in page: BucketPage, _ body: (_ slot: Int, SlotWord) -> Bool) {
    var slot = 0
    // Removing moves later entries back, perhaps into the slot at hand, which is then looked at again.
    while slot < BucketPage.slots {
      let word = page.slot(slot)
      if word.isEmpty || !body(slot, word) { slot += 1 }
    }
  }
}
