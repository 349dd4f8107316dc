import SessionCache
import SessionStore
import Synchronization
import SystemCalls

/// The thread `store-save`: puts changes to the store, opens it again when it was away, and clears away what has
/// expired there.
extension StoreService {
  /// How often rows whose time is over are deleted, in nanoseconds; how many at a time.
  private static let expiryInterval: Int64 = 60_000_000_000
  private static let expiredAtOnce = 1000
  /// Rows are kept for so long after their time, in nanoseconds: uses reach them late, by a minute and a round at most.
  private static let expiredFor: Int64 = 300_000_000_000
  /// Commits that share a call of the store, at most; they end behind `batchBytesMost`.
  private static let committedAtOnce = 4096

  private enum SaveStep {
    case commit([StoreCommit])
    case reopen
    case check
    case forgetAll
    case saveBatch
    case markUses
    case deleteExpired
    case finish
    case sleep(Int64?)
    case end
  }

  func runSaving() {
    var round = SaveRound(at: clock.now())
    while true {
      sendPostponed()
      switch nextSaveStep(&round) {
      case .commit(let commits): make(commits)
      case .reopen: reopen()
      case .check: check()
      case .forgetAll: forgetAll()
      case .saveBatch: saveBatch(of: &round)
      case .markUses: markUses(&round)
      case .deleteExpired: deleteExpired(&round)
      case .finish: saved.arrive()
      case .sleep(let nanoseconds): saver.sleep(nanoseconds: nanoseconds)
      case .end: return
      }
    }
  }

  private func nextSaveStep(_ round: inout SaveRound) -> SaveStep {
    let now = clock.now()
    let unsaved = cache.unsavedCount
    var replies = StoreReplies()
    var isNewlyStale = false
    var isThere = false
    let step: SaveStep = withState { state in
      if state.isOver { return .end }
      isThere = state.health.phase == .ok
      state.committing = 0
      defer { state.barriersUnderWay = round.barriers.count }
      isNewlyStale = becomesStale(&state, at: now)
      if state.mustForgetAll { return state.isLoading ? .sleep(nil) : .forgetAll }
      if let retryAt = state.health.retryAt, now >= retryAt {
        if state.health.isAway {
          state.isOpening = true
          return state.isLoading ? .sleep(nil) : .reopen
        }
        if !round.isUnderWay, state.commits.isEmpty { return .check }
      }
      guard !state.health.isAway else {
        refuseSaves(&state, &replies)
        replies.add(.refused(state.refusal), for: round.barriers.map(\.waiter))
        round.end()
        if state.isStopping, let step = finish(&round) { return step }
        return .sleep(pause(state, now, round))
      }
      // In turns: under a steady load there are always commits.
      if round.hasJustCommitted {
        round.hasJustCommitted = false
        if let step = otherStep(&state, &round, unsaved: unsaved, at: now) { return step }
      }
      if !state.commits.isEmpty {
        let commits = state.commits.take(most: Self.committedAtOnce, bytesMost: Self.batchBytesMost)
        state.committing = commits.count
        round.hasJustCommitted = true
        return .commit(commits)
      }
      return otherStep(&state, &round, unsaved: unsaved, at: now) ?? .sleep(pause(state, now, round))
    }
    if isNewlyStale { report.isStale() }
    if isThere, store.isShared { cache.storeSeen = now }
    replies.send()
    return step
  }

  /// What is due beside commits; nil: nothing.
  private func otherStep(
    _ state: inout StoreState, _ round: inout SaveRound, unsaved: Int, at now: Int64
  ) -> SaveStep? {
    if round.isUnderWay { return .saveBatch }
    // Uses leave half of the queue to changes, but for a page behind each round.
    let isQueueHalfFull = !store.isShared && !state.isStopping && unsaved >= max(1, state.terms.queueMost / 2)
    if round.useCursor != nil, !isQueueHalfFull || !round.hasSearched { return .markUses }
    if state.isStopping {
      if !round.hasMarkedLastUses {
        round.beginUses(at: now, last: true)
        return .markUses
      }
      if unsaved == 0 || round.roundsAtStop == SaveRound.roundsAtStopMost {
        // Commits that still wait are made first.
        return state.commits.isEmpty ? finish(&round) ?? .sleep(nil) : nil
      }
      round.roundsAtStop += 1
    } else if round.useCursor == nil,
      state.areUsesAsked || now >= round.lastUses &+ useInterval(round)
    {
      state.areUsesAsked = false
      round.beginUses(at: now)
      return .markUses
    }
    if state.isStopping || round.useCursor != nil || now >= state.pace.due(at: now) {
      state.pace.begin(at: now)
      round.begin(at: now, barriers: state.barriers)
      state.barriers = []
      return .saveBatch
    }
    return now >= round.lastExpiry &+ Self.expiryInterval ? .deleteExpired : nil
  }

  /// All is saved that can be, which is told once.
  private func finish(_ round: inout SaveRound) -> SaveStep? {
    guard !round.isFinished else { return nil }
    round.isFinished = true
    return .finish
  }

  /// How long there is nothing to do.
  private func pause(_ state: StoreState, _ now: Int64, _ round: SaveRound) -> Int64? {
    var next = state.health.retryAt ?? .max
    if let first = state.postponed.map(\.at).min() { next = min(next, first) }
    if store.isShared, cache.storeSeen != 0, let staleAt = state.staleAt { next = min(next, staleAt) }
    if !state.health.isAway {
      next = min(
        next, state.pace.due(at: now), round.lastExpiry &+ Self.expiryInterval,
        round.lastUses &+ useInterval(round))
    }
    return max(0, next - now)
  }

  private func refuseSaves(_ state: inout StoreState, _ replies: inout StoreReplies) {
    let refusal = state.refusal
    for commit in state.commits.takeAll() {
      replies.add(.refused(refusal), for: commit.waiter)
      for id in commit.ids { replies.add(.ready, for: state.flights.end(id).waiters) }
    }
    replies.add(.refused(refusal), for: state.roomWaiters)
    replies.add(.refused(refusal), for: state.queueWaiters)
    (state.roomWaiters, state.queueWaiters) = ([], [])
    for listing in state.barriers { replies.add(.refused(refusal), for: listing.waiter) }
    state.barriers = []
  }

  private func sendPostponed() {
    let now = clock.now()
    var replies = StoreReplies()
    withState { state in
      guard !state.postponed.isEmpty else { return }
      for reply in state.postponed where reply.at <= now { replies.add(reply.answer, for: reply.waiter) }
      state.postponed.removeAll { $0.at <= now }
    }
    replies.send()
  }

  private func deleteExpired(_ round: inout SaveRound) {
    do throws(StoreError) {
      let count = try saving { () throws(StoreError) in
        try store.deleteExpired(endedFor: Self.expiredFor, limit: Self.expiredAtOnce)
      }
      // As many as that: there are more, which go on in turn with whatever else is to be done.
      if count < Self.expiredAtOnce { round.lastExpiry = clock.now() }
    } catch {
      round.lastExpiry = clock.now()
      noteFailure(error, .saving)
    }
  }

  /// Calls the store, and notes that it takes what it is given.
  func saving<R>(_ call: () throws(StoreError) -> R) throws(StoreError) -> R {
    counters.savingSince.store(clock.now(), ordering: .relaxed)
    defer { counters.savingSince.store(0, ordering: .relaxed) }
    let result = try call()
    noteSuccess(.saving)
    return result
  }
}
