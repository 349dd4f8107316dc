import SessionCache
import SessionSegment
import SessionStore
import SystemCalls

extension StoreService {
  /// Uses that are told in one call.
  private static let toldAtOnce = 1000
  /// How long telling may take, in nanoseconds: before anybody is served, while the store counts as away, and in between.
  static let tellingAtStart: Int64 = 5_000_000_000
  static let tellingWhileAway: Int64 = 60_000_000_000
  static let tellingBetween: Int64 = 1_000_000_000

  /// Looks for sessions that were used since the last search and not changed, whose new ends the next round saves. One
  /// page of the index.
  func markUses(_ round: inout SaveRound) {
    guard let cursor = round.useCursor else { return }
    if cursor == WalkCursor() { counters.beginSearch() }
    let began = ContinuousClock.now
    round.useCursor = cache.markUsed(cursor, leastTTL: &round.leastTTL)
    round.hasSearched = true
    round.searchTime += Int64(began.duration(to: .now) / .nanoseconds(1))
    guard round.useCursor == nil else { return }
    counters.endSearch(leastTTL: round.leastTTL)
    withState { $0.pace.ask() }
  }

  /// Tells the store of all uses that it has not heard of: memory is about to forget them, and nobody else knows of them.
  /// A session that was changed or ended in the store stays there as it is.
  ///
  /// - Parameter end: when to give up, leaving out the rest.
  func tellUses(until end: Int64) throws(StoreError) {
    var leastTTL = Int64.max
    var walk: WalkCursor? = WalkCursor()
    while let place = walk { walk = cache.markUsed(place, leastTTL: &leastTTL) }
    var cursor: UnsavedCursor? = UnsavedCursor()
    while let place = cursor, clock.now() < end {
      // They stay in memory for the next start.
      guard !withState({ $0.isStopping }) else {
        throw .unavailable("the daemon is going down", isDecided: true)
      }
      let page = cache.collectUnsaved(
        place, recordsMost: Self.toldAtOnce, bytesMost: Self.batchBytesMost, withBody: false,
        at: clock.now())
      let uses = page.records.compactMap { unsaved -> StoreChange? in
        guard unsaved.image.kind == .session, let record = stored(unsaved.image) else { return nil }
        return .extend(record.id, version: record.version, ttl: record.ttl, deadline: record.deadline)
      }
      if !uses.isEmpty { try tell(uses) }
      cursor = page.next
    }
  }

  private func tell(_ uses: [StoreChange]) throws(StoreError) {
    do throws(StoreError) {
      _ = try opening { () throws(StoreError) in try store.apply(uses, sync: true) }
    } catch {
      // A server without memory takes none of them, for as long as that is so: to wait for it would keep all that it has
      // from everybody.
      counters.count(counters.failures)
      guard store.isShared, !isLost(error) else { throw error }
    }
  }

  /// The same as the store is opened, if memory is to forget what the store has.
  func tellUses(_ facts: StoreFacts, until end: Int64) throws(StoreError) {
    guard cache.storeID == facts.id, store.isShared || isAdoptionAfterKill else { return }
    try tellUses(until: end)
  }

  /// Sliding deadlines reach the store so much later at most, in nanoseconds: an eighth of the time that a session
  /// lives unused, of those in memory the one that lives for the shortest, within bounds.
  ///
  /// Other daemons take a session for ended when a use was not told to them in time, a store of our own misses it after
  /// a power cut only. Where a search takes long it is made less often, as far as once a second.
  func useInterval(_ round: SaveRound) -> Int64 {
    let second: Int64 = 1_000_000_000
    let least = store.isShared ? min(max(second / 10, 8 * round.searchTime), second) : second
    return min(max(min(cache.settings.ttl, counters.leastTTL) / 8, least), 60 * second)
  }
}
