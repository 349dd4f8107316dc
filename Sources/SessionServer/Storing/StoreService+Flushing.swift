import SessionCache
import SessionSegment
import SessionStore
import Synchronization
import SystemCalls

/// Saving what memory has and the store has not: changes that were acknowledged before, and uses.
extension StoreService {
  static let batchBytesMost = 8 << 20
  static let batchRecordsMost = 10_000

  /// One batch of a round.
  func saveBatch(of round: inout SaveRound) {
    do throws(StoreError) {
      if let cursor = round.cursor {
        let page = cache.collectUnsaved(
          cursor, recordsMost: Self.batchRecordsMost, bytesMost: Self.batchBytesMost,
          withBody: !hasAllButUses.load(ordering: .relaxed), at: clock.now())
        round.cursor = page.next
        // A shared store has marks and aliases already.
        try save(store.isShared ? page.records : round.select(page.records))
      } else if !round.beginNextPass(lastVersion: cache.lastVersion) {
        // Also where nothing was saved: whether it is there at all is noticed before it is needed.
        if !store.isShared { try saving { () throws(StoreError) in try store.check() } }
        return finish(&round)
      }
      letWaitersIn()
    } catch {
      noteFailure(error, .saving)
      abandon(&round, StoreRefusal(reason: error.description))
    }
  }

  private func save(_ records: [UnsavedRecord]) throws(StoreError) {
    guard !records.isEmpty else { return }
    let began = clock.now()
    let hasAll = hasAllButUses.load(ordering: .relaxed)
    let changes = records.map { unsaved -> StoreChange in
      guard let record = stored(unsaved.image) else {
        return .remove(unsaved.image.id, replacing: nil)
      }
      if record.kind == .session { counters.note(ttl: record.ttl) }
      // It has all changes already; these are uses. To save the whole session could undo a change of which nobody
      // heard that it was made.
      guard hasAll else { return .save(record, replacing: nil) }
      return .extend(record.id, version: record.version, ttl: record.ttl, deadline: record.deadline)
    }
    // Safe from a power cut, too: that it is lost for so long and not longer is what was promised.
    let outcomes = try saving { () throws(StoreError) in try store.apply(changes, sync: true) }
    // What was refused stays unsaved: the next round tries it again.
    let taken = zip(records, outcomes).filter { $0.1.refusal == nil && $0.1 != .damaged }.map(\.0)
    doubtLoads(of: taken)
    cache.settle(taken, at: clock.now())
    for (change, outcome) in zip(changes, outcomes) where outcome == .conflict {
      _ = cache.forget(change.id.span, evenIfUsed: true)
    }
    counters.batchLatency.record(clock.now() - began)
    counters.count(counters.batches)
    counters.count(counters.saves, taken.count)
    if let reason = outcomes.lazy.compactMap(\.refusal).first {
      noteFailure(.unavailable(reason, isDecided: true), .saving)
    } else if outcomes.contains(where: \.isDone) {
      noteTaken()
    }
    try mend(zip(records, outcomes).filter { $0.1 == .damaged }.map(\.0))
  }

  /// Saves whole what the store can't read and memory has. That undoes no change: nobody else makes any, and where the
  /// store may be ahead memory has forgotten the id (`fail`, `forgetWhatMayBeOld`). What is too much for one batch is
  /// met again by the next round.
  private func mend(_ damaged: [UnsavedRecord]) throws(StoreError) {
    var changes: [StoreChange] = []
    var mended: [UnsavedRecord] = []
    var bytes = 0
    for unsaved in damaged where bytes < Self.batchBytesMost {
      let id = unsaved.image.id
      guard let image = cache.image(of: id.span, version: unsaved.image.version, at: clock.now()),
        let record = stored(image)
      else { continue }
      changes.append(.save(record, replacing: nil))
      mended.append(unsaved)
      bytes += record.body.count
    }
    guard !changes.isEmpty else { return }
    _ = try saving { () throws(StoreError) in try store.apply(changes, sync: true) }
    cache.settle(mended, at: clock.now())
    counters.count(counters.batches)
    counters.count(counters.saves, mended.count)
  }

  /// There may be room in memory now, and in the queue if it is no longer over its bound.
  private func letWaitersIn() {
    counters.isEarlyFlushAsked.store(false, ordering: .relaxed)
    let hasQueueRoom = cache.unsavedCount < counters.queueMost.load(ordering: .relaxed)
    var replies = StoreReplies()
    withState { state in
      replies.add(.ready, for: state.roomWaiters)
      state.roomWaiters = []
      if hasQueueRoom {
        replies.add(.ready, for: state.queueWaiters)
        state.queueWaiters = []
      } else if !state.queueWaiters.isEmpty {
        state.pace.ask()
      }
    }
    replies.send()
  }

  private func finish(_ round: inout SaveRound) {
    if !round.barriers.isEmpty {
      let listings = round.barriers
      withState { $0.listings += listings }
      loader.wake()
    }
    round.end()
    // What is changed from now on the store has before memory has it.
    if makesPlans, !store.isShared {
      hasAllButUses.store(true, ordering: .relaxed)
      cache.storeLead = .storeHasAll
    }
    letWaitersIn()
  }

  private func abandon(_ round: inout SaveRound, _ refusal: StoreRefusal) {
    var replies = StoreReplies()
    replies.add(.refused(refusal), for: round.barriers.map(\.waiter))
    round.end()
    replies.send()
  }
}
