import SessionSegment
import Synchronization
import SystemCalls

extension SessionCache {
  /// Between two times that memory is given back, in nanoseconds: much longer than a reader that is not
  /// stopped on purpose takes for a look at a page.
  private static let trimInterval: Int64 = 1_000_000_000

  /// Frees sessions whose time is over, a few at a time, and gives memory that is no longer used back
  /// to the system. Expired sessions are invisible already; this only reclaims them. One thread at a
  /// time.
  ///
  /// - Parameters:
  ///   - clock: what time it is when the sweep is done, which may take a while; nil: still `now`.
  ///   - rest: called likewise, while sessions are reclaimed: the time to leave the processor to others.
  ///   - pause: called between two short holds of a shard's lock; false stops the sweep.
  /// - Returns: the moment of the next due session, `Int64.max` if there is none.
  public func sweep(
    at now: Int64, clock: (() -> Int64)? = nil, rest: () -> Void = {}, pause: () -> Bool
  ) -> Int64 {
    sweepPlanned.store(.max, ordering: .sequentiallyConsistent)
    var next = Int64.max
    for shard in shards {
      if DueTick(rawValue: shard.earliestDue.load(ordering: .sequentiallyConsistent))
        <= DueTick.passed(at: now)
      {
        guard sweep(shard, at: now, rest: rest, pause: pause) else { return now }
      }
      next = min(next, DueTick(rawValue: shard.earliestDue.load(ordering: .sequentiallyConsistent)).moment)
    }
    prepareEviction(at: now, pause: pause)
    isTrimAsked.store(false, ordering: .relaxed)
    next = min(
      next, compactIfDue(at: now, pause: pause), trimIfDue(at: clock?() ?? now, rest), events.retire(at: now))
    // A deadline that came in earlier meanwhile has put its moment here already.
    while true {
      let planned = sweepPlanned.load(ordering: .sequentiallyConsistent)
      let earliest = min(planned, next)
      if sweepPlanned.compareExchange(expected: planned, desired: earliest, ordering: .sequentiallyConsistent)
        .exchanged
      {
        return earliest
      }
    }
  }

  /// Gives memory back, not more often than once a second, so that no reader looks at what has gone.
  ///
  /// - Returns: the moment to come again for it, `Int64.max` for none.
  private func trimIfDue(at now: Int64, _ rest: () -> Void) -> Int64 {
    guard allocator.surplusPages > 0 || allocator.hasLoosePages else { return .max }
    // The next writes want it, and would have to take it from the system again.
    if evictsWhenFull, allocator.isNearlyFull { return .max }
    let due = lastTrim.load(ordering: .relaxed) &+ Self.trimInterval
    guard now >= due else { return due }
    allocator.trim(rest: rest)
    lastTrim.store(now, ordering: .relaxed)
    return allocator.hasLoosePages ? now &+ Self.trimInterval : .max
  }

  /// Sweeps the pages of one shard, the lock held for one page at a time.
  private func sweep(_ shard: IndexShard, at now: Int64, rest: () -> Void, pause: () -> Bool) -> Bool {
    shard.lock.withWriteLock { shard.earliestDue.store(DueTick.never.rawValue, ordering: .relaxed) }
    var cursor: PageCursor? = .start
    var ended: [Int] = []
    ended.reserveCapacity(BucketPage.slots)
    while let place = cursor {
      cursor = shard.lock.withWriteLock {
        let page = shard.page(at: place)
        guard page.earliestDue <= DueTick.passed(at: now) else {
          shard.lowerEarliest(page.earliestDue)
          return place.next(depth: page.depth)
        }
        sweep(page, of: shard, at: now, &ended)
        shard.joinIfSparse(at: place)
        // A sibling that was joined and not visited yet is due still, which the next sweep finds.
        let rest = shard.page(at: place)
        shard.lowerEarliest(rest.earliestDue)
        return place.next(depth: rest.depth)
      }
      for offset in ended { release(offset) }
      ended.removeAll(keepingCapacity: true)
      if !pause() {
        // What was not reached is due still.
        shard.lock.withWriteLock { shard.lowerEarliest(DueTick(at: now)) }
        return false
      }
      rest()
    }
    return true
  }

  func sweep(_ page: BucketPage, of shard: IndexShard, at now: Int64, _ ended: inout [Int]) {
    let lifetime = header.lifetimeNanoseconds
    let passed = DueTick.passed(at: now)
    var earliest = DueTick.never
    var slot = 0
    // Removing moves later entries back, perhaps into the slot at hand, which is then looked at again;
    // one moved across the page's end is met again, or stays due for the next sweep.
    while slot < BucketPage.slots {
      let word = page.slot(slot)
      guard !word.isEmpty else {
        slot += 1
        continue
      }
      if page.due(slot) <= passed {
        let record = shard.record(at: word.offset)
        let place = IndexShard.Place(page: page, slot: slot, offset: word.offset)
        let isExpired = record.isExpired(at: now, lifetime: lifetime)
        if isBacked {
          let outcome =
            isExpired ? sweepExpired(place, of: shard, at: now) : sweepIdle(place, of: shard, at: now)
          if let offset = outcome.ended { ended.append(offset) }
          if outcome.isGone { continue }
        } else if isExpired {
          dropExpired(place, from: shard, hash(record.rawID))
          ended.append(word.offset)
          continue
        } else {
          page.setDue(slot, due(of: record))
        }
      }
      if page.due(slot) < earliest { earliest = page.due(slot) }
      slot += 1
    }
    page.earliestDue = earliest
  }

  /// Lets the next sweep look at every record, since the rule by which they end has changed.
  func makeAllDue() {
    for shard in shards {
      var cursor: PageCursor? = .start
      while let place = cursor {
        cursor = shard.lock.withWriteLock {
          let page = shard.page(at: place)
          for slot in 0..<BucketPage.slots where !page.slot(slot).isEmpty {
            page.setDue(slot, DueTick(at: 0))
          }
          page.earliestDue = DueTick(at: 0)
          shard.lowerEarliest(DueTick(at: 0))
          return place.next(depth: page.depth)
        }
      }
    }
    wakeReclaimerIfNeeded(due: DueTick(at: 0))
  }

  /// Ends all sessions of one page of the index; marks stay. One page, so that no lock is held for long. Start with
  /// `WalkCursor()` and go on until nil comes back.
  ///
  /// - Returns: how many lived, and where to go on.
  public func flush(
    _ cursor: WalkCursor, at now: Int64, by origin: ChangeOrigin? = nil
  ) -> (removed: Int, next: WalkCursor?) {
    let shard = shards[cursor.shard]
    let lifetime = header.lifetimeNanoseconds
    var removed = 0
    var ended: [Int] = []
    ended.reserveCapacity(BucketPage.slots)
    let next = shard.lock.withWriteLock {
      let page = shard.page(at: cursor.page)
      var slot = 0
      // As in a sweep: removing moves later entries back, perhaps into the slot at hand.
      while slot < BucketPage.slots {
        let word = page.slot(slot)
        guard !word.isEmpty, shard.record(at: word.offset).isSession else {
          slot += 1
          continue
        }
        let record = shard.record(at: word.offset)
        let place = IndexShard.Place(page: page, slot: slot, offset: word.offset)
        ended.append(word.offset)
        if record.isExpired(at: now, lifetime: lifetime) {
          dropExpired(place, from: shard, hash(record.rawID))
        } else {
          drop(place, from: shard, hash(record.rawID), .deleted, by: origin, at: now)
          removed += 1
        }
      }
      // The next sweep joins the empty pages.
      page.earliestDue = DueTick(at: now)
      shard.lowerEarliest(page.earliestDue)
      return cursor.page.next(depth: page.depth)
    }
    for offset in ended { release(offset) }
    if let next { return (removed, WalkCursor(shard: cursor.shard, page: next)) }
    guard cursor.shard + 1 < shards.count else {
      wakeReclaimerIfNeeded(due: DueTick(at: now))
      return (removed, nil)
    }
    return (removed, WalkCursor(shard: cursor.shard + 1, page: .start))
  }
}
