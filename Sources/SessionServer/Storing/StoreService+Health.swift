import SessionCache
import SessionStore
import Synchronization
import SystemCalls

/// Whether the store is there.
extension StoreService {
  func noteFailure(_ error: StoreError, _ direction: StoreHealth.Direction) {
    counters.count(counters.failures)
    // A server that refuses (it has no memory left, or is busy) is there all the same: what it told stays true.
    guard !store.isShared || isLost(error) else { return noteRefusal(error.description, direction) }
    noteAway(error.description, direction)
  }

  private func noteRefusal(_ reason: String, _ direction: StoreHealth.Direction) {
    guard direction == .saving else { return }
    let now = clock.now()
    if withState({ $0.health.refuse(reason, at: now) }) { report.isRefusing(reason) }
  }

  /// A session was saved, or a use of it.
  func noteTaken() {
    guard store.isShared else { return }
    let now = clock.now()
    let refused = withState { $0.health.take(at: now) }
    if let refused { report.isTaking(afterNanoseconds: refused) }
  }

  func noteAway(_ reason: String, _ direction: StoreHealth.Direction) {
    let now = clock.now()
    let chance = chance()
    let isNews = withState { $0.health.fail(reason, direction, at: now, chance: chance) }
    if isNews { report.isAway(reason) }
    // The one opens it again, both refuse what waits.
    saver.wake()
    loader.wake()
  }

  /// Whether the connection is gone, or nobody knows. Where it is not known what a shared store has done, it has given up
  /// its connection: to ask a server that is silent would take as long again.
  func isLost(_ error: StoreError) -> Bool {
    guard case .unavailable(_, isDecided: true) = error else { return true }
    do throws(StoreError) {
      try store.check()
      return false
    } catch {
      return true
    }
  }

  func noteSuccess(_ direction: StoreHealth.Direction) {
    let now = clock.now()
    let away = withState { $0.health.succeed(direction, at: now) }
    if let away { report.isBack(afterNanoseconds: away) }
  }

  /// Opens the store again; no other call is under way.
  func reopen() {
    do throws(StoreError) {
      let facts = try open()
      try upload(facts)
      try tellUses(facts, until: clock.now() &+ Self.tellingWhileAway)
      adopt(facts)
      let now = clock.now()
      withState { state in
        state.flights.doubtAll()
        state.health.reopened(at: now)
        state.isOpening = false
        state.pace.ask()
      }
    } catch {
      let now = clock.now()
      let chance = chance()
      counters.count(counters.failures)
      withState { state in
        state.health.failAgain(error.description, at: now, chance: chance)
        state.isOpening = false
      }
    }
    loader.wake()
  }

  /// Waits for the opening that is under way since the start, or opens the store anew.
  private func open() throws(StoreError) -> StoreFacts {
    try opening { () throws(StoreError) in
      guard let first = withState({ $0.opening }) else { return try store.open() }
      while !withState({ $0.isStopping }) {
        guard let result = first.wait(nanoseconds: Self.lookNanoseconds) else { continue }
        withState { $0.opening = nil }
        return try result.get()
      }
      // To look through all of a file may take minutes, and nothing can be saved before.
      throw .unavailable("it is still being opened", isDecided: true)
    }
  }

  func opening<R>(_ call: () throws(StoreError) -> R) throws(StoreError) -> R {
    counters.savingSince.store(clock.now(), ordering: .relaxed)
    defer { counters.savingSince.store(0, ordering: .relaxed) }
    return try call()
  }

  /// On trial, with nothing to save that would tell.
  func check() {
    do throws(StoreError) {
      try saving { () throws(StoreError) in try store.check() }
    } catch {
      noteFailure(error, .saving)
    }
  }

  /// What memory has of a shared store may be old, or the store was emptied: a server tells the same when another of its
  /// databases was. Nothing is loaded meanwhile.
  func forgetAll() {
    do throws(StoreError) {
      if !withState({ $0.health.isAway }) { try tellUses(until: clock.now() &+ Self.tellingBetween) }
    } catch {
      // Memory is forgotten all the same: were it kept, an emptied store would get it all back.
      counters.count(counters.failures)
    }
    cache.forgetAll()
    withState { state in
      state.flights.doubtAll()
      state.mustForgetAll = false
    }
    loader.wake()
  }

  /// Others may have changed what memory has for so long that it is not served any more. What is of the time before any
  /// store nobody else has.
  ///
  /// - Returns: whether that is so now, and was not before.
  func becomesStale(_ state: inout StoreState, at now: Int64) -> Bool {
    guard store.isShared, cache.storeSeen != 0, let staleAt = state.staleAt, now >= staleAt else {
      return false
    }
    state.staleSince = state.health.trouble?.since
    state.mustForgetAll = true
    return true
  }

  /// Sessions of a time before the cache was one of this shared store: they are put into it, but for those that it has
  /// under the same ids. Nothing is served from it before. That one was ended, or got another id, holds all the same:
  /// another daemon that had not heard of it may have been the first to put the session back.
  private func upload(_ facts: StoreFacts) throws(StoreError) {
    guard store.isShared, cache.storeID != facts.id else { return }
    withState { $0.isMemoryAhead = true }
    cache.skipVersions(to: facts.lastVersion)
    markAllUnsaved()
    var cursor: UnsavedCursor? = UnsavedCursor()
    while let place = cursor {
      let page = cache.collectUnsaved(
        place, recordsMost: 1000, bytesMost: 8 << 20, withBody: true, at: clock.now())
      let now = clock.now()
      let changes = page.records.compactMap { unsaved -> StoreChange? in
        guard let record = stored(unsaved.image) else { return nil }
        guard record.kind != .session else { return .save(record, replacing: 0) }
        return unsaved.image.deadline > now ? .save(record, replacing: nil) : nil
      }
      if !changes.isEmpty {
        let outcomes = try opening { () throws(StoreError) in try store.apply(changes, sync: true) }
        // Nobody else has it, and what is here is about to be forgotten.
        if let reason = outcomes.lazy.compactMap(\.refusal).first {
          throw .unavailable(reason, isDecided: true)
        }
        counters.count(counters.saves, changes.count)
      }
      cache.settle(page.records, at: clock.now())
      cursor = page.next
    }
  }
}
