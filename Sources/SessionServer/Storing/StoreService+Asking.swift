import SessionCache
import SessionStore
import Synchronization

/// What reactors ask for. Nothing here waits.
extension StoreService {
  /// How many records are unsaved when a round of saving begins early.
  private static let earlyFlushShare = 8

  /// Whether the store was there since the start, so that it is known which versions it has.
  var isKnown: Bool { counters.hasOpened.load(ordering: .acquiring) }

  /// Loads ids; the answer is `ready`, whether there is anything or not.
  func load(_ ids: [[UInt8]], for waiter: StoreWaiter) throws(StoreRefusal) {
    let refusal: StoreRefusal? = withState { state in
      guard state.health.mayLoad(isShared: store.isShared), !state.isOver else { return state.refusal }
      // It is told when the last one is there: they come in the order in which they were asked for.
      for id in ids.dropLast() where !state.flights.isUnderWay(id) {
        state.flights.begin(id)
        state.loads.append(id)
      }
      if let id = ids.last, state.flights.load(id, for: waiter) { state.loads.append(id) }
      return nil
    }
    if let refusal { throw refusal }
    loader.wake()
  }

  /// Loads ids as they are now, whatever memory has, and whatever was on its way before.
  func loadAfresh(_ ids: [[UInt8]], for waiter: StoreWaiter) throws(StoreRefusal) {
    withState { state in
      for id in ids {
        state.flights.doubt(id)
        state.loadedAfresh.insert(id)
      }
    }
    do throws(StoreRefusal) {
      try load(ids, for: waiter)
    } catch {
      withState { $0.loadedAfresh.subtract(ids) }
      throw error
    }
  }

  /// Takes ids for a change; if one is under way, the answer `ready` comes when it no longer is.
  func reserve(_ ids: [[UInt8]], for waiter: StoreWaiter) -> Bool {
    withState { $0.flights.reserve(ids, for: waiter) }
  }

  /// Gives back ids for which no change came about.
  func release(_ ids: [[UInt8]]) {
    guard !ids.isEmpty else { return }
    var replies = StoreReplies()
    var doubtful: [[UInt8]] = []
    withState { state in
      for id in ids {
        let end = state.flights.end(id)
        replies.add(.ready, for: end.waiters)
        if end.isDoubtful { doubtful.append(id) }
      }
    }
    for id in doubtful { _ = cache.forget(id.span) }
    replies.send()
  }

  /// Puts changes to the store whose ids were reserved. The answer is `committed` or `refused`; the ids are free
  /// before it comes.
  func commit(_ commit: StoreCommit) throws(StoreRefusal) {
    let refusal: StoreRefusal? = withState { state in
      guard !state.health.isAway, !state.isOver else { return state.refusal }
      guard state.commits.append(commit) else {
        return StoreRefusal(reason: "too many changes wait for it whose clients have gone")
      }
      return nil
    }
    if let refusal {
      release(commit.ids)
      throw refusal
    }
    saver.wake()
  }

  /// Waits until there may be room in memory, or is in the queue; then the answer is `ready`.
  func awaitRoom(inQueue: Bool, for waiter: StoreWaiter) throws(StoreRefusal) {
    let refusal: StoreRefusal? = withState { state in
      guard !state.health.isAway, !state.isOver else { return state.refusal }
      if inQueue {
        state.queueWaiters.append(waiter)
        state.pace.ask()
      } else {
        state.roomWaiters.append(waiter)
        state.askForRoom()
      }
      return nil
    }
    if let refusal { throw refusal }
    saver.wake()
  }

  /// Lists ids that the store has, once it has what is unsaved now. The answer is `listed`.
  func list(_ listing: StoreListing) throws(StoreRefusal) {
    // What is shared is in the store before it is acknowledged.
    let wantsBarrier = !store.isShared && listing.begins && cache.unsavedCount > 0
    let refusal: StoreRefusal? = withState { state in
      guard state.health.mayLoad(isShared: store.isShared), !state.isOver else { return state.refusal }
      guard wantsBarrier else {
        state.listings.append(listing)
        return nil
      }
      guard !state.health.isAway else { return state.refusal }
      state.barriers.append(listing)
      state.pace.ask()
      return nil
    }
    if let refusal { throw refusal }
    if wantsBarrier { saver.wake() } else { loader.wake() }
  }

  /// Nobody waits for the answer any more. What was put to the store is made all the same.
  func abandon(_ waiter: StoreWaiter) {
    withState { state in
      func isIt(_ other: StoreWaiter) -> Bool { other.ticket == waiter.ticket && other.bell === waiter.bell }
      state.flights.removeWaiters(where: isIt)
      state.roomWaiters.removeAll(where: isIt)
      state.queueWaiters.removeAll(where: isIt)
      state.listings.removeAll { isIt($0.waiter) }
      state.barriers.removeAll { isIt($0.waiter) }
      state.commits.abandon(where: isIt)
    }
  }

  /// Something was changed in memory: begins to save early if much is unsaved.
  ///
  /// - Returns: whether changes have to wait.
  func noteChanges() -> Bool {
    let unsaved = cache.unsavedCount
    let most = counters.queueMost.load(ordering: .relaxed)
    if unsaved >= most / Self.earlyFlushShare, !counters.isEarlyFlushAsked.exchange(true, ordering: .relaxed)
    {
      withState { $0.pace.ask() }
      saver.wake()
    }
    return unsaved >= most
  }
}
