import SessionCache
import SessionStore
import SessionWire
import SystemCalls

/// LIST and TAGGED over a store, and what goes through many sessions there: REVOKE, REVOKEALL, FLUSH, TOUCH.
extension RequestExecutor {
  /// How many sessions are listed, loaded and committed at a time.
  private static let workedAtOnce = 128
  /// Listings of a tag until one finds nothing to revoke: sessions may be renamed all the while.
  private static let passesMost = 16
  /// How long a slice takes, about, in nanoseconds.
  private static let sliceNanoseconds: Int64 = 500_000

  // MARK: Listings

  /// Asks the store for a list, or begins what is done in slices.
  func begin(
    _ parked: ParkedRequest, _ caller: Caller, _ reply: inout [UInt8], _ desk: StoreDesk
  ) throws(RequestError) -> Outcome {
    func array(_ range: Range<Int>) -> [UInt8] { Array(parked.bytes[range]) }
    let waiter = desk.waiter(for: parked)
    let listing: StoreListing
    switch parked.request {
    case .list(let prefix, let after, let limit):
      listing = StoreListing(
        selection: .prefix(prefix.map(array) ?? []), cursor: after.map { StoreCursor(array($0)) },
        limit: limit,
        waiter: waiter)
    case .tagged(let tag, let after, let limit):
      listing = StoreListing(
        tag: array(tag), after: after.map(array) ?? [], limit: limit,
        waiter: waiter)
    case .revoke:
      return try begin(StoredWork(.revoke, ids: parser.words.map(array)), parked, caller, &reply, desk)
    case .touch:
      return try begin(StoredWork(.touch, ids: parser.words.map(array)), parked, caller, &reply, desk)
    case .revokeAll(let tag):
      return try begin(StoredWork(.revokeAll(tag: array(tag))), parked, caller, &reply, desk)
    case .flush: return try begin(StoredWork(.flush), parked, caller, &reply, desk)
    default: preconditionFailure("the store lists nothing for it")
    }
    try asking { () throws(StoreRefusal) in try desk.service.list(listing) }
    return .parked(parked)
  }

  /// Replies to LIST and TAGGED.
  func list(_ parked: ParkedRequest, _ ids: [[UInt8]], next: StoreCursor?, _ reply: inout [UInt8]) {
    guard case .list(let prefix, _, _) = parked.request else {
      reply.appendOKPrefix()
      reply.appendArray(of: ids)
      return reply.appendLineEnd()
    }
    let selection = StoreSelection.prefix(prefix.map { Array(parked.bytes[$0]) } ?? [])
    reply.append(contentsOf: "OK {\"sessions\":".utf8)
    reply.appendArray(of: ids.filter { desk?.service.mayBeListed($0, selection) == true })
    reply.append(contentsOf: ",\"next\":".utf8)
    if let next {
      reply.appendQuoted(next.bytes.span)
    } else {
      reply.append(contentsOf: "null".utf8)
    }
    reply.append(contentsOf: "}\n".utf8)
  }

  // MARK: Ending many

  private func begin(
    _ work: StoredWork, _ parked: ParkedRequest, _ caller: Caller, _ reply: inout [UInt8], _ desk: StoreDesk
  ) throws(RequestError) -> Outcome {
    parked.work = work
    return try self.work(on: parked, nil, caller, &reply, desk)
  }

  /// A slice.
  func work(
    on parked: ParkedRequest, _ answer: StoreAnswer?, _ caller: Caller, _ reply: inout [UInt8],
    _ desk: StoreDesk
  ) throws(RequestError) -> Outcome {
    guard var work = parked.work else { preconditionFailure("there is nothing to go on with") }
    parked.work = nil
    defer { parked.work = work }
    parked.isRunnable = false
    switch answer {
    case .committed(let outcomes): try take(outcomes, &work, parked)
    case .listed(let ids, let next):
      parked.noteProgress(at: clock.now())
      work.ids = ids[...]
      work.cursor = next
      work.isListed = next == nil
    case .ready, .refused, .damaged, nil: break
    }
    let end = clock.now() + Self.sliceNanoseconds
    // Bounded also where the clock stands still.
    for _ in 0..<64 {
      if work.ids.isEmpty {
        guard work.isListed else { return try list(&work, parked, desk) }
        guard work.beginsAnew(passesMost: Self.passesMost) else { return try finish(work, &reply) }
        continue
      }
      let outcome: Outcome?
      if let plan = desk.plan, work.changesSessions {
        outcome = try endPlanned(&work, plan, parked, caller, desk)
      } else {
        outcome = try endNext(&work, parked, caller, desk)
      }
      if let outcome { return outcome }
      if clock.now() >= end { break }
    }
    parked.isRunnable = true
    return .parked(parked)
  }

  private func list(
    _ work: inout StoredWork, _ parked: ParkedRequest, _ desk: StoreDesk
  ) throws(RequestError) -> Outcome {
    guard let selection = work.selection else { preconditionFailure("it names its ids itself") }
    let listing = StoreListing(
      selection: selection, cursor: work.cursor, limit: Self.workedAtOnce, waiter: desk.waiter(for: parked))
    try asking { () throws(StoreRefusal) in try desk.service.list(listing) }
    return .parked(parked)
  }

  private func finish(_ work: StoredWork, _ reply: inout [UInt8]) throws(RequestError) -> Outcome {
    if let failure = work.failure { throw failure }
    reply.appendOK(work.ended)
    return .next
  }

  /// Ends one session in memory, or touches it; whether it lived.
  private func end(
    _ id: [UInt8], _ goal: StoredWork.Goal, _ caller: Caller, _ now: Int64
  ) throws(CacheError) -> Bool {
    switch goal {
    case .revoke: return try cache.revoke(id.span, at: now, by: caller.origin, plan: plan)
    case .revokeAll(let tag):
      return try cache.revoke(id.span, ifTagged: tag.span, at: now, by: caller.origin, plan: plan)
    case .touch: return try cache.touch(id.span, at: now)
    case .flush:
      do throws(CacheError) {
        return try cache.remove(id.span, at: now, by: caller.origin, plan: plan)
      } catch {
        // It was renamed meanwhile: its new id is listed, or was.
        if error == .renamed || error == .revoked { return false }
        throw error
      }
    }
  }

  /// Ends the next session; nil: go on.
  private func endNext(
    _ work: inout StoredWork, _ parked: ParkedRequest, _ caller: Caller, _ desk: StoreDesk
  ) throws(RequestError) -> Outcome? {
    guard let id = work.ids.first else { return nil }
    if work.changesSessions, desk.isQueueFull() {
      return try wait(parked, for: StoreNeed(isQueueRoom: true), desk)
    }
    do throws(CacheError) {
      if try end(id, work.goal, caller, clock.now()) {
        work.ended += 1
        work.endedInPass += 1
      }
    } catch {
      note(error)
      let need = desk.takeNeed()
      if need.isNone {
        work.failure = work.changesSessions ? refusalToRevoke(error) : refusal(error)
      } else {
        return try wait(parked, for: need.ids.isEmpty ? need : missing(&work, need), desk)
      }
    }
    work.ids.removeFirst()
    parked.noteProgress(at: clock.now())
    return nil
  }

  /// What is missing of the next ones, or, where memory has no room for many, of the next one.
  private func missing(_ work: inout StoredWork, _ need: StoreNeed) -> StoreNeed {
    guard let first = work.ids.first else { return need }
    guard work.missing != first else { return need }
    work.missing = first
    let now = clock.now()
    let ids = work.ids.prefix(Self.workedAtOnce).compactMap { cache.firstUnknown($0.span, at: now) }
    // The one that is needed first is loaded last: who waits is told when that one is there.
    return StoreNeed(ids: ids.filter { !need.ids.contains($0) } + need.ids)
  }

  // MARK: With a plan

  private func endPlanned(
    _ work: inout StoredWork, _ plan: ChangePlan, _ parked: ParkedRequest, _ caller: Caller, _ desk: StoreDesk
  ) throws(RequestError) -> Outcome? {
    let service = desk.service
    // One that comes again is a change of its own: a second REVOKE lets the mark last longer.
    var seen: Set<[UInt8]> = []
    let ids = Array(
      work.ids.prefix(work.isOneByOne ? 1 : Self.workedAtOnce).prefix { seen.insert($0).inserted })
    work.batch = ids
    if service.store.isShared, let outcome = try verify(&work, ids, parked, desk) { return outcome }
    // Ids that aliases lead to are known only once the changes are worked out.
    let reserved = Array(Set(ids + parked.ids))
    guard service.reserve(reserved, for: desk.waiter(for: parked)) else { return .parked(parked) }
    plan.removeAll()
    work.lived = []
    let now = clock.now()
    for id in ids {
      do throws(CacheError) {
        if try end(id, work.goal, caller, now) { work.lived.insert(id) }
      } catch {
        note(error)
        if !error.isAboutResidence { work.failure = refusalToRevoke(error) }
      }
    }
    let need = desk.takeNeed()
    if !need.ids.isEmpty {
      service.release(reserved)
      // Loaded once in vain: memory has no room for so many.
      work.isOneByOne = parked.loads > 0
      return try wait(parked, for: StoreNeed(ids: need.ids), desk)
    }
    guard !plan.isEmpty else {
      service.release(reserved)
      work.ids.removeFirst(ids.count)
      parked.ids = []
      parked.noteProgress(at: clock.now())
      return nil
    }
    let changed = plan.changes.map(\.id)
    let others = changed.filter { !reserved.contains($0) }
    guard others.isEmpty, Set(changed).count == changed.count else {
      service.release(reserved)
      // An alias and the session that it stands for: the one is revoked before the other is looked at.
      work.isOneByOne = true
      parked.ids += others
      try noteConflict(parked)
      return nil
    }
    let commit = StoreCommit(
      changes: plan.changes, ids: reserved, waiter: desk.waiter(for: parked), conflicts: parked.conflicts)
    work.planned = changed
    try asking { () throws(StoreRefusal) in try service.commit(commit) }
    parked.beginCommit(commit)
    return .parked(parked)
  }

  /// What became of a batch.
  private func take(
    _ outcomes: [StoreOutcome], _ work: inout StoredWork, _ parked: ParkedRequest
  ) throws(RequestError) {
    for (id, outcome) in zip(work.planned, outcomes) where outcome != .conflict && work.lived.contains(id) {
      work.ended += 1
      work.endedInPass += 1
    }
    if outcomes.contains(.conflict) { return try noteConflict(parked) }
    work.ids.removeFirst(work.batch.count)
    parked.ids = []
    parked.noteProgress(at: clock.now())
  }

  /// What memory has may be old: what is ended is what a shared store has. nil: it was loaded since the request came.
  private func verify(
    _ work: inout StoredWork, _ ids: [[UInt8]], _ parked: ParkedRequest, _ desk: StoreDesk
  ) throws(RequestError) -> Outcome? {
    let doubtful = ids.filter { !work.verified.contains($0) }
    guard !doubtful.isEmpty else { return nil }
    work.verified = Set(ids)
    let waiter = desk.waiter(for: parked)
    try asking { () throws(StoreRefusal) in try desk.service.loadAfresh(doubtful, for: waiter) }
    return .parked(parked)
  }
}

extension CacheError {
  /// Whether it says only that something has to be loaded.
  fileprivate var isAboutResidence: Bool { if case .notResident = self { true } else { false } }
}
