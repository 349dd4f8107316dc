import SessionCache
import SessionSegment
import SessionStore
import Synchronization
import SystemCalls

/// The thread `store-load`: what is asked for first, then listings, then the filling of an empty cache.
///
/// The watchdog does not ask it, nor `store-save`: a call may be stuck in the kernel behind a disk for longer than any
/// watchdog waits, to begin anew would not help, and what is in memory is served all the while. STATUS= and STATS tell
/// of a call that takes longer than it may.
extension StoreService {
  /// Asked for in one call: enough to share a round trip or a cursor, few enough to answer soon.
  static let loadedAtOnce = 128
  /// Listed in one call.
  static let listedAtOnce = 1000

  /// After so many calls that load a listing has its turn, whatever else waits.
  private static let loadsInARow = 8

  private enum LoadStep {
    case load([[UInt8]])
    case list(StoreListing)
    case warmUp(StoreCursor?)
    case sleep
    case end
  }

  func runLoading() {
    while true {
      switch nextLoadStep() {
      case .load(let ids): load(ids)
      case .list(let listing): perform(listing)
      case .warmUp(let cursor): warmUp(from: cursor)
      case .sleep: loader.sleep(nanoseconds: nil)
      case .end: return
      }
      let isOpeningWaiting = withState { state in
        state.isLoading = false
        state.isListing = false
        state.loading = []
        return state.isOpening || state.mustForgetAll
      }
      if isOpeningWaiting { saver.wake() }
    }
  }

  private func nextLoadStep() -> LoadStep {
    var replies = StoreReplies()
    let step: LoadStep = withState { state in
      if state.isOver { return .end }
      guard !state.isOpening, !state.mustForgetAll else { return .sleep }
      guard state.health.mayLoad(isShared: store.isShared) else {
        refuseLoads(&state, state.refusal, &replies)
        return .sleep
      }
      let isListingsTurn = state.loadsInARow >= Self.loadsInARow && !state.listings.isEmpty
      if !state.loads.isEmpty, !isListingsTurn {
        state.loadsInARow += 1
        let ids = Array(state.loads.prefix(Self.loadedAtOnce))
        state.loads.removeFirst(ids.count)
        state.loading = Set(ids)
        state.isLoading = true
        return .load(ids)
      }
      state.loadsInARow = 0
      if !state.listings.isEmpty {
        state.isLoading = true
        state.isListing = true
        return .list(state.listings.removeFirst())
      }
      // Not while the store is on trial: nobody waits for it.
      if case .waiting(let cursor) = state.warmUp, state.health.phase == .ok, !state.isStopping {
        state.isLoading = true
        return .warmUp(cursor)
      }
      return .sleep
    }
    replies.send()
    return step
  }

  /// All that waits for the store's answer is refused.
  func refuseLoads(_ state: inout StoreState, _ refusal: StoreRefusal, _ replies: inout StoreReplies) {
    for id in state.loads { replies.add(.refused(refusal), for: state.flights.end(id).waiters) }
    state.loads = []
    state.loadedAfresh = []
    for listing in state.listings { replies.add(.refused(refusal), for: listing.waiter) }
    state.listings = []
  }

  // MARK: Single sessions

  private func load(_ asked: [[UInt8]]) {
    // Who looked into memory just before a load brought what he wanted asks behind its end, for nothing.
    let known = knownMeanwhile(asked)
    var ids = asked.filter { !known.contains($0) }
    // Behind those that are loaded: who waits for several is told when the last one is there.
    defer { if !known.isEmpty { land(Array(known), [:]) } }
    guard !ids.isEmpty else { return }
    do throws(StoreError) {
      let findings = try loading { () throws(StoreError) in try store.load(ids) }
      if findings.count < ids.count {
        // Large ones: the rest comes next.
        withState { $0.loads = ids[findings.count...] + $0.loads }
        ids = Array(ids.prefix(findings.count))
      }
      counters.count(counters.loads, ids.count)
      counters.count(counters.loadHits, findings.count { $0.record != nil })
      counters.count(counters.loadMisses, findings.count { $0 == .nothing })
      // What is told now is as new as who asks for it wants it, whatever memory has.
      let afresh = withState { state in
        defer { state.loadedAfresh.subtract(ids) }
        return state.loadedAfresh.intersection(ids)
      }
      for (id, finding) in zip(ids, findings) where afresh.contains(id) && !isSame(finding.record, id) {
        _ = cache.forget(id.span)
      }
      let leastTTL = counters.leastTTL
      var missing: [[UInt8]: Absence] = [:]
      for (id, finding) in zip(ids, findings) { missing[id] = install(finding, id) }
      // Its uses are to be told sooner than was thought as it fell asleep.
      if counters.leastTTL < leastTTL { saver.wake() }
      land(ids, missing)
    } catch {
      var replies = StoreReplies()
      withState { state in
        let refusal = StoreRefusal(reason: error.description)
        for id in ids { replies.add(.refused(refusal), for: state.flights.end(id).waiters) }
        state.loadedAfresh.subtract(ids)
      }
      noteFailure(error, .loading)
      replies.send()
    }
  }

  /// Those that memory knows by now, unless they are to be loaded whatever it knows.
  private func knownMeanwhile(_ asked: [[UInt8]]) -> Set<[UInt8]> {
    let now = clock.now()
    let known = asked.filter {
      cache.firstUnknown($0.span, orLiving: false, followsAliases: false, at: now) == nil
    }
    guard !known.isEmpty else { return [] }
    return withState { state in
      Set(known.filter { !state.loadedAfresh.contains($0) && !state.flights.isDoubtful($0) })
    }
  }

  /// Whether memory has just this version with this idle time, be it that it was used since: then it stays.
  private func isSame(_ record: StoredRecord?, _ id: [UInt8]) -> Bool {
    guard let record, record.kind == .session else { return false }
    let isSame: Bool? = cache.inspect(id.span, at: clock.now(), followsAliases: false) { known, _ in
      known.version == record.version && known.ttl == record.ttl
    }
    return isSame == true
  }

  /// What was saved while it was loaded may have been read before. It may leave memory from now on, and must not come
  /// back as it was: it is loaded again.
  func doubtLoads(of saved: [UnsavedRecord]) {
    guard !store.isShared else { return }
    withState { state in
      guard !state.loading.isEmpty else { return }
      for record in saved where state.loading.contains(record.image.id) {
        state.flights.doubt(record.image.id)
      }
    }
  }

  private func isDoubtful(_ id: [UInt8]) -> Bool { withState { $0.flights.isDoubtful(id) } }

  /// Why memory knows nothing of an id that was loaded.
  private enum Absence {
    case noRoom, damaged
  }

  /// - Returns: nil: memory knows of the id now.
  private func install(_ finding: StoreFinding, _ id: [UInt8]) -> Absence? {
    let now = clock.now()
    var image = RecordImage(id: id, kind: .absence, version: 0, created: now, ttl: 0, deadline: now)
    switch finding {
    case .nothing: break
    case .damaged: return .damaged
    case .record(let record):
      guard let sound = RecordImage(sound: record, wallClock) else {
        report.isDamaged()
        return .damaged
      }
      if sound.kind == .session { counters.note(ttl: sound.ttl) }
      image = sound
    }
    // It is loaded again as it lands. Looked at before and after: in between it may be saved and leave memory.
    guard !isDoubtful(id) else { return nil }
    do throws(CacheError) {
      if try cache.install(image, at: now), isDoubtful(id) { _ = cache.forget(id.span, evenIfUsed: true) }
      return nil
    } catch {
      return error == .damaged ? .damaged : .noRoom
    }
  }

  private func land(_ ids: [[UInt8]], _ missing: [[UInt8]: Absence]) {
    var replies = StoreReplies()
    var doubtful: [[UInt8]] = []
    let isRoomWanted = withState { state in
      var isRoomWanted = false
      for id in ids {
        switch state.flights.land(id) {
        case .none: break
        case .again: doubtful.append(id)
        case .over(let waiters) where missing[id] == .noRoom && !state.health.isAway && !waiters.isEmpty:
          // Memory is full of what is not saved yet, or was used just now: there will be room.
          state.roomWaiters += waiters
          state.askForRoom()
          isRoomWanted = true
        case .over(let waiters): replies.add(missing[id] == .damaged ? .damaged(id) : .ready, for: waiters)
        }
      }
      return isRoomWanted
    }
    // Before they are asked for again: what was installed is older than what was told.
    for id in doubtful { _ = cache.forget(id.span) }
    if !doubtful.isEmpty { withState { $0.loads += doubtful } }
    if isRoomWanted { saver.wake() }
    replies.send()
  }

  // MARK: Listings

  private func perform(_ listing: StoreListing) {
    var listing = listing
    do throws(StoreError) {
      let page = try loading { () throws(StoreError) in
        try store.ids(listing.selection, from: listing.cursor, limit: min(listing.limit, Self.listedAtOnce))
      }
      guard listing.gathered != nil else {
        return answer(listing.waiter, .listed(page.elements, next: page.next))
      }
      for id in page.elements where listing.gathered?.wants(id) == true && mayBeListed(id, listing.selection)
      {
        listing.gathered?.add(id)
      }
      guard let next = page.next else {
        return answer(listing.waiter, .listed(listing.gathered?.ids ?? [], next: nil))
      }
      // Behind what others have asked for meanwhile.
      listing.cursor = next
      withState { [listing] in $0.listings.append(listing) }
    } catch {
      noteFailure(error, .loading)
      answer(listing.waiter, .refused(StoreRefusal(reason: error.description)))
    }
  }

  /// Whether memory agrees that the id belongs to a listing, or knows nothing of it.
  func mayBeListed(_ id: [UInt8], _ selection: StoreSelection) -> Bool {
    let now = clock.now()
    let tags: [[UInt8]]? = cache.inspect(id.span, at: now, followsAliases: false) { _, record in
      var tags: [[UInt8]] = []
      record.forEachTag { tags.append([UInt8]($0)) }
      return tags
    }
    guard let tags else { return cache.firstUnknown(id.span, at: now) != nil }
    switch selection {
    case .prefix: return true
    case .tag(let tag): return tags.contains(tag)
    }
  }

  // MARK: All calls

  /// Says it if the store has met anything damaged that it had not met before.
  private func noteDamage() {
    let damaged = store.statistics.damaged
    let before = counters.damagedTold.exchange(damaged, ordering: .relaxed)
    for _ in 0..<max(0, damaged - before) { report.isDamaged() }
  }

  private func answer(_ waiter: StoreWaiter, _ answer: StoreAnswer) {
    var replies = StoreReplies()
    replies.add(answer, for: waiter)
    replies.send()
  }

  /// Calls the store, and notes how long that took and that it answers.
  func loading<R>(_ call: () throws(StoreError) -> R) throws(StoreError) -> R {
    let began = clock.now()
    counters.loadingSince.store(began, ordering: .relaxed)
    defer {
      counters.loadingSince.store(0, ordering: .relaxed)
      counters.loadLatency.record(clock.now() - began)
    }
    let result = try call()
    noteSuccess(.loading)
    noteDamage()
    return result
  }
}
