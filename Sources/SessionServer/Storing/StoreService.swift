import SessionCache
import SessionSegment
import SessionStore
import Synchronization
import SystemCalls

/// What stands between the cache and the store: two threads, `store-load` and `store-save`, what is queued for them,
/// and whether the store is there.
///
/// Reactors leave here what they wait for and never wait themselves; the answers come through their mailboxes. No lock
/// is held during a call of the store, and none is taken under a shard's lock. All queues are bounded: loads, commits
/// and listings by the connections, each of which has one request here at most and answers for its bytes (max-buffers)
/// while it waits, and abandoned commits by `CommitQueue.abandonedBytesMost`; changes by `StoreTerms.queueMost`.
final class StoreService: @unchecked Sendable {
  // Safe to share: `state` is guarded by `lock`, the rest does not change or is made for sharing.
  let store: any Store
  let cache: SessionCache
  let clock: BootClock
  let wallClock: WallClock
  let counters = StoreCounters()
  let report: StoreReport
  /// Whether changes are made with a plan, and acknowledged only once the store has them.
  let makesPlans: Bool
  /// Within which the store answers or fails, in nanoseconds.
  let timeout: Int64
  /// Whether the store has all that memory has, but for how long sessions live that were used: so it is where each
  /// change is made first, once all was saved of the time before.
  let hasAllButUses = Atomic<Bool>(false)
  /// Whether the segment began empty.
  private let isFresh: Bool
  /// Kept alive.
  private let listener: (any StoreListener)?
  let loader = Wakeup()
  let saver = Wakeup()
  /// Come by when all is saved that can be at a stop, and when the threads have ended.
  let saved = CountdownLatch(1)
  let ended = CountdownLatch(2)
  private let lock = MutexLock()
  private var state: StoreState

  /// - Parameters:
  ///   - listener: of the store, which does not keep it alive itself.
  ///   - cache: its backing fits the store.
  ///   - opening: the opening of the store that is still under way if `opened` is nil.
  ///   - opened: what opening the store has answered with.
  ///   - warmsUp: whether the cache begins empty, so that it is to be filled.
  init(
    _ store: any Store, listener: (any StoreListener)? = nil, cache: SessionCache, terms: StoreTerms,
    opening: StoreOpening? = nil, opened: Result<StoreFacts, StoreError>?, warmsUp: Bool, clock: BootClock,
    wallClock: WallClock,
    report: StoreReport
  ) {
    self.store = store
    self.listener = listener
    self.cache = cache
    self.clock = clock
    self.wallClock = wallClock
    self.report = report
    makesPlans = terms.isThrough || store.isShared
    timeout = terms.timeout
    isFresh = warmsUp
    counters.queueMost.store(terms.queueMost, ordering: .relaxed)
    hasAllButUses.store(store.isShared, ordering: .relaxed)
    state = StoreState(terms: terms, at: clock.now())
    if store.isShared, cache.storeSeen > 0 { state.seenBefore = cache.storeSeen }
    // What it is filled with is forgotten as the store is opened, where a change may be in the store alone.
    if warmsUp || store.isShared || cache.storeLead != .memory { state.warmUp = .waiting(nil) }
    let isOpen = if case .success = opened { true } else { false }
    if !isOpen, !makesPlans, cache.storeLead != .memory {
      // Not when it is there: changes are made from now on, and must not rest on what may be old.
      forgetWhatMayBeOld()
      cache.storeLead = .memory
    }
    switch told(opened) {
    case nil:
      state.opening = opening
      let reason = "it is still being opened"
      state.health.beginAway(reason, at: clock.now())
      report.isAway(reason)
    case .success(let facts):
      if store.isShared, cache.storeID != facts.id, !cache.isEmpty {
        // As the store is opened again they are put into it; until then it says nothing.
        let reason = "the sessions of the time before it are being put into it"
        state.isMemoryAhead = true
        state.health.beginAway(reason, at: clock.now())
        report.isAway(reason)
      } else {
        adopt(facts)
      }
    case .failure(let error):
      _ = state.health.fail(error.description, .loading, at: clock.now(), chance: chance())
      report.isAway(error.description)
    }
    if becomesStale(&state, at: clock.now()) {
      state.mustForgetAll = false
      cache.forgetAll()
      report.isStale()
    }
  }

  /// A store that is open is told of uses before anybody is served.
  private func told(_ opened: Result<StoreFacts, StoreError>?) -> Result<StoreFacts, StoreError>? {
    guard case .success(let facts) = opened else { return opened }
    return Result { () throws(StoreError) in
      try tellUses(facts, until: clock.now() &+ Self.tellingAtStart)
      return facts
    }
  }

  /// Looks at or changes what is queued. No store is called in `body`, and no cache.
  func withState<R>(_ body: (inout StoreState) -> R) -> R {
    lock.withLock { body(&state) }
  }

  /// A record as the store has it; nil: that there is none.
  func stored(_ image: RecordImage) -> StoredRecord? {
    StoredRecord(image, wallClock, lifetime: cache.settings.lifetime)
  }

  /// From 0 to 1; how it is distributed matters little, it only keeps daemons apart.
  func chance() -> Double {
    var generator = SystemRandomNumberGenerator()
    return Double.random(in: 0...1, using: &generator)
  }

  func setTerms(_ terms: StoreTerms) {
    withState {
      $0.terms.flushEvery = terms.flushEvery
      $0.terms.queueMost = terms.queueMost
      $0.terms.staleFor = terms.staleFor
      $0.pace.every = terms.flushEvery
    }
    counters.queueMost.store(terms.queueMost, ordering: .relaxed)
    saver.wake()
  }

  // MARK: Whose store it is

  func markAllUnsaved() {
    var cursor: WalkCursor? = WalkCursor()
    while let place = cursor { cursor = cache.markAllUnsaved(place) }
  }

  /// How a server is set up is said once, and not each time that it is reached again.
  private func remark(on facts: StoreFacts) {
    let isNews = withState { state in
      defer { state.lastRemark = facts.remark }
      return !store.isShared || facts.remark != state.lastRemark
    }
    if isNews, let remark = facts.remark { report.remark(remark) }
  }

  /// A kill may have come between a commit and its publication: what is here and was saved may be old, also where it was
  /// used since, be that marked or not.
  private func forgetWhatMayBeOld() {
    cache.forgetAll(evenIfUsed: true, evenIfUnsaved: cache.storeLead == .storeHasAll)
  }

  /// Whether the store is believed as it is adopted, since a kill ended the daemon before that made its changes there
  /// first.
  var isAdoptionAfterKill: Bool {
    !counters.hasOpened.load(ordering: .relaxed) && cache.storeLead == .storeHasAll
  }

  /// The store was opened: what memory and store have of each other.
  func adopt(_ facts: StoreFacts) {
    remark(on: facts)
    // Before anything is saved: no version may come twice.
    let isFirst = !counters.hasOpened.load(ordering: .relaxed)
    let isBehind = facts.lastVersion > cache.lastVersion
    // A memory that was lost may have given more than the store has heard of; one that was kept knows how many.
    let isNew = isFirst && (isFresh || cache.storeID != facts.id)
    cache.skipVersions(to: isNew ? facts.reservedVersion : facts.lastVersion)
    cache.storeSeen = store.isShared ? clock.now() : 0
    if store.isShared {
      cache.forgetAll()
      cache.storeID = facts.id
    } else if cache.storeID != facts.id {
      // Another store, or the first one: it has nothing of what is here.
      hasAllButUses.store(false, ordering: .relaxed)
      markAllUnsaved()
      cache.storeID = facts.id
    } else if isFirst, cache.storeLead != .memory {
      forgetWhatMayBeOld()
    } else if isBehind {
      // The store has served another segment since this one was left.
      cache.forgetAll(evenIfUsed: true)
    }
    if !makesPlans || store.isShared {
      cache.storeLead = .memory
    } else {
      // From the first change on, and not only after a round that has nothing to save.
      if cache.unsavedCount == 0 { hasAllButUses.store(true, ordering: .relaxed) }
      cache.storeLead = hasAllButUses.load(ordering: .relaxed) ? .storeHasAll : .store
    }
    withState { state in
      state.isMemoryAhead = false
      state.seenBefore = nil
    }
    counters.hasOpened.store(true, ordering: .releasing)
  }
}

extension SessionCache {
  /// Whether there is nothing in memory that a store could be given.
  fileprivate var isEmpty: Bool {
    let statistics = statistics
    return statistics.sessions == 0 && statistics.marks == 0 && unsavedCount == 0
  }
}
