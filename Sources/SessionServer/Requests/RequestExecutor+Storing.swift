import SessionCache
import SessionStore
import SessionWire
import SystemCalls

/// Requests where a store stands behind the cache: they are performed in memory, and parked when that can't be.
extension RequestExecutor {
  /// What is loaded again and again and gone each time, so often and for so long in nanoseconds: memory is too small.
  private static let loadsMost = 64
  private static let loadingMost: Int64 = 5_000_000_000
  private static let conflictsMost = 64
  /// So often room is waited for although everything is saved: what was used just now could not leave yet.
  private static let waitsForNothingMost = 8
  /// A request waits for its turn so long in all, in nanoseconds.
  private static let waitMost: Int64 = 30_000_000_000
  /// Reservations that turn out to be too few.
  private static let attemptsMost = 4

  /// Performs a request for the first time.
  func performBacked(
    _ request: Request, _ bytes: Span<UInt8>, line: Range<Int>, _ caller: Caller, _ watching: inout Watch?,
    _ now: Int64, _ batch: inout ReplyBatch, _ desk: StoreDesk
  ) throws(RequestError) -> Outcome {
    let changes = request.changesSessions
    if request.isListedByStore || changes && (desk.plan != nil || desk.isQueueFull()) {
      let parked = ParkedRequest(request, bytes, line: line, parser: parser, began: now)
      return try attempt(parked, caller, &watching, now, &batch, desk)
    }
    let start = batch.bytes.count
    do throws(RequestError) {
      let outcome = try perform(request, bytes, caller, &watching, now, &batch)
      if desk.need.isNone { return outcome }
    } catch {
      guard !desk.need.isNone else { throw error }
    }
    batch.bytes.removeSubrange(start...)
    let need = desk.takeNeed()
    let parked = ParkedRequest(request, bytes, line: line, parser: parser, began: now)
    if case .touch = request {
      // From the first one on, one after the other: memory may not have room for all at once.
      return try attempt(parked, caller, &watching, now, &batch, desk)
    }
    return try wait(parked, for: need, desk)
  }

  /// Goes on with a parked request.
  ///
  /// - Parameter answer: what it waited for; nil for one that is done in slices.
  func resume(
    _ parked: ParkedRequest, _ answer: StoreAnswer?, caller: Caller, watch: inout Watch?, now: inout Int64,
    reply: inout ReplyBatch
  ) -> Outcome {
    guard let desk else { preconditionFailure("without a store nothing is parked") }
    let start = reply.bytes.count
    var failed = false
    var outcome = Outcome.next
    do throws(RequestError) {
      outcome = try goOn(parked, answer, caller, &watch, now, &reply, desk)
    } catch {
      failed = true
      noteIfFull(error)
      reply.bytes.removeSubrange(start...)
      reply.bytes.appendError(error)
    }
    now = clock.now()
    if case .parked = outcome { return outcome }
    statistics.record(parked.parser.command, failed: failed, nanoseconds: now - parked.began)
    return outcome
  }

  private func goOn(
    _ parked: ParkedRequest, _ answer: StoreAnswer?, _ caller: Caller, _ watching: inout Watch?, _ now: Int64,
    _ batch: inout ReplyBatch, _ desk: StoreDesk
  ) throws(RequestError) -> Outcome {
    if case .refused(var refusal) = answer {
      // Only what is being committed can be in doubt.
      if !parked.isCommitting { refusal.isDecided = true }
      throw RequestError(refusal)
    }
    parked.endCommit()
    if case .damaged(let id) = answer { return try meetDamage(id, parked, caller, &batch.bytes, desk) }
    guard now - parked.progressed < Self.waitMost else { throw givenUp(parked, "its turn does not come") }
    if parked.work != nil { return try work(on: parked, answer, caller, &batch.bytes, desk) }
    switch answer {
    case .listed(let ids, let next):
      list(parked, ids, next: next, &batch.bytes)
      return .next
    case .committed(let outcomes):
      guard outcomes.contains(.conflict) else {
        finish(parked, outcomes, &batch.bytes)
        return .next
      }
      try noteConflict(parked)
    case .ready, .refused, .damaged, nil: break
    }
    return try attempt(parked, caller, &watching, now, &batch, desk)
  }

  func noteConflict(_ parked: ParkedRequest) throws(RequestError) {
    parked.conflicts += 1
    guard parked.conflicts <= Self.conflictsMost else {
      throw givenUp(parked, "others change the session all the time")
    }
  }

  /// What goes through many sessions may have been done in part.
  func givenUp(_ parked: ParkedRequest, _ reason: String) -> RequestError {
    let done = parked.work == nil ? "nothing was changed" : "what was done so far stays done"
    return RequestError(.unavailable, "\(reason); \(done)")
  }

  /// The version is the one that the store has given it.
  private func finish(_ parked: ParkedRequest, _ outcomes: [StoreOutcome], _ reply: inout [UInt8]) {
    if parked.request.isAnsweredWithVersion, case .done(let version)? = outcomes.last {
      reply.appendOK(version)
    } else {
      reply.append(contentsOf: parked.reply)
    }
  }

  // MARK: Performing

  private func attempt(
    _ parked: ParkedRequest, _ caller: Caller, _ watching: inout Watch?, _ now: Int64,
    _ batch: inout ReplyBatch,
    _ desk: StoreDesk
  ) throws(RequestError) -> Outcome {
    swap(&parser, &parked.parser)
    defer { swap(&parser, &parked.parser) }
    if parked.request.isListedByStore || parked.request == .touch {
      return try begin(parked, caller, &batch.bytes, desk)
    }
    if desk.plan != nil, parked.request.changesSessions {
      return try attemptPlanned(parked, caller, &watching, now, &batch, desk)
    }
    if parked.request.changesSessions, desk.service.noteChanges() {
      return try wait(parked, for: StoreNeed(isQueueRoom: true), desk)
    }
    let start = batch.bytes.count
    let line = parked.bytes
    do throws(RequestError) {
      let outcome = try perform(parked.request, line.span, caller, &watching, now, &batch)
      if desk.need.isNone { return outcome }
    } catch {
      guard !desk.need.isNone else { throw error }
    }
    batch.bytes.removeSubrange(start...)
    return try wait(parked, for: desk.takeNeed(), desk)
  }

  /// Works out the changes while nobody else changes the same sessions, and puts them to the store.
  private func attemptPlanned(
    _ parked: ParkedRequest, _ caller: Caller, _ watching: inout Watch?, _ now: Int64,
    _ batch: inout ReplyBatch,
    _ desk: StoreDesk
  ) throws(RequestError) -> Outcome {
    guard let plan = desk.plan else { preconditionFailure("there is no plan") }
    let service = desk.service
    let line = parked.bytes
    if parked.ids.isEmpty { parked.ids = parked.request.changedIDs(in: line) }
    let start = batch.bytes.count
    for _ in 0..<Self.attemptsMost {
      guard service.reserve(parked.ids, for: desk.waiter(for: parked)) else { return .parked(parked) }
      plan.removeAll()
      var failure: RequestError?
      do throws(RequestError) {
        _ = try perform(parked.request, line.span, caller, &watching, now, &batch)
      } catch {
        failure = error
      }
      let needed = desk.takeNeed()
      if !needed.isNone || failure != nil || plan.isEmpty {
        service.release(parked.ids)
        // What names no session does not rest on what memory has.
        if needed.isNone, !service.store.isShared || parked.isVerified || parked.ids.isEmpty {
          if let failure { throw failure }
          return .next
        }
        batch.bytes.removeSubrange(start...)
        return needed.isNone ? try verify(parked, desk) : try wait(parked, for: needed, desk)
      }
      let others = plan.changes.map(\.id).filter { !parked.ids.contains($0) }
      if others.isEmpty
        || parked.request.makesRandomID && service.reserve(others, for: desk.waiter(for: parked))
      {
        parked.reply = Array(batch.bytes[start...])
        batch.bytes.removeSubrange(start...)
        return try commit(plan, reserved: parked.ids + others, parked, desk)
      }
      // More than was thought; what it rests on may have changed before it is reserved.
      service.release(parked.ids)
      parked.ids += others
      batch.bytes.removeSubrange(start...)
    }
    throw RequestError(.unavailable, "the session is renamed all the time; nothing was changed")
  }

  private func commit(
    _ plan: ChangePlan, reserved: [[UInt8]], _ parked: ParkedRequest, _ desk: StoreDesk
  ) throws(RequestError) -> Outcome {
    var kind = StoreCommit.Kind.plain
    if case .rename = parked.request { kind = .rename }
    let commit = StoreCommit(
      kind: kind, changes: plan.changes, ids: reserved, waiter: desk.waiter(for: parked),
      conflicts: parked.conflicts)
    try asking { () throws(StoreRefusal) in try desk.service.commit(commit) }
    parked.beginCommit(commit)
    return .parked(parked)
  }

  // MARK: Waiting

  /// Parks a request until what it needs is there.
  func wait(
    _ parked: ParkedRequest, for need: StoreNeed, _ desk: StoreDesk
  ) throws(RequestError) -> Outcome {
    guard need.ids.isEmpty else {
      parked.loads += 1
      guard parked.loads <= Self.loadsMost || clock.now() - parked.progressed < Self.loadingMost else {
        throw RequestError(.full, "the cache is too small for what is asked of it")
      }
      let waiter = desk.waiter(for: parked)
      try asking { () throws(StoreRefusal) in try desk.service.load(need.ids, for: waiter) }
      return .parked(parked)
    }
    if need.isRoom, cache.unsavedCount == 0 {
      parked.waitsForNothing += 1
      guard parked.waitsForNothing <= Self.waitsForNothingMost else {
        throw RequestError(.full, "no memory is left in the cache, and nothing in it waits to be saved")
      }
    }
    // As long as the store takes what it is given; if it fails, that is the answer.
    let waiter = desk.waiter(for: parked, patience: Self.waitMost)
    try asking { () throws(StoreRefusal) in
      try desk.service.awaitRoom(inQueue: need.isQueueRoom, for: waiter)
    }
    return .parked(parked)
  }

  /// What was to be refused, or came to nothing, for what memory has of a shared store is looked up there: others may
  /// have changed it.
  private func verify(_ parked: ParkedRequest, _ desk: StoreDesk) throws(RequestError) -> Outcome {
    parked.isVerified = true
    let waiter = desk.waiter(for: parked)
    try asking { () throws(StoreRefusal) in try desk.service.loadAfresh(parked.ids, for: waiter) }
    return .parked(parked)
  }

  func asking(_ body: () throws(StoreRefusal) -> Void) throws(RequestError) {
    do throws(StoreRefusal) {
      try body()
    } catch {
      throw RequestError(error)
    }
  }

  /// Whether memory knows nothing of a session: it has to be asked for.
  ///
  /// - Parameters:
  ///   - behindRead: whether a read has just found no session: then one that is there now was loaded meanwhile.
  ///   - followsAliases: as that read did.
  func isUnknown(
    _ id: Span<UInt8>, _ now: Int64, behindRead: Bool = false, followsAliases: Bool = true
  ) -> Bool {
    guard let desk,
      let unknown = cache.firstUnknown(
        id, orLiving: behindRead, followsAliases: followsAliases, at: now)
    else { return false }
    desk.need.ids.append(unknown)
    return true
  }

  /// Notes what has to be there for a change that the cache can't make as it is.
  func note(_ error: CacheError) {
    guard let desk else { return }
    switch error {
    case .notResident(let id): desk.need.ids.append(id)
    // There is room once something is saved, be it that it was used.
    case .full: desk.need.isRoom = true
    default: break
    }
  }
}

extension StoreDesk {
  /// What the request needs that was just performed.
  func takeNeed() -> StoreNeed {
    defer { need = StoreNeed() }
    return need
  }
}

extension RequestError {
  init(_ refusal: StoreRefusal) {
    let doubt = refusal.isDecided ? "" : "; \(ErrorCode.undecidedMark)"
    self.init(.unavailable, "the store is away: \(refusal.reason)\(doubt)")
  }
}
