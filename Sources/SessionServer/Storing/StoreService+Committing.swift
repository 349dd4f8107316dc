import SessionCache
import SessionSegment
import SessionStore
import Synchronization
import SystemCalls

extension StoreService {
  /// A request that met so many conflicts waits a moment before it tries again, so that daemons that change one
  /// session in turns do not get in each other's way for ever.
  private static let conflictsWithoutPause = 3
  private static let conflictPauseMost: Int64 = 20_000_000

  /// Puts the changes of many requests to the store in one call: they share what it costs to make them safe.
  func make(_ commits: [StoreCommit]) {
    let began = clock.now()
    let changes = commits.flatMap { storeChanges($0) }
    do throws(StoreError) {
      let outcomes = try saving { () throws(StoreError) in try store.apply(changes, sync: true) }
      counters.batchLatency.record(clock.now() - began)
      counters.count(counters.batches)
      finish(commits, outcomes)
    } catch {
      fail(commits, error)
    }
  }

  /// A rename's two changes are one for the store.
  private func storeChanges(_ commit: StoreCommit) -> [StoreChange] {
    let records = commit.changes.map { $0.image.flatMap(stored) }
    if commit.isRename, let ending = records.first ?? nil, let session = records.last ?? nil {
      let old = commit.changes[0]
      return [.rename(ending: ending, session: session, replacing: old.base, ttl: old.baseTTL)]
    }
    return zip(commit.changes, records).map { change, record in
      guard let record else {
        return .remove(change.id, replacing: commit.kind == .removal ? nil : change.base)
      }
      // A mark that is to last longer; another daemon may have made it last longer still.
      if store.isShared, record.kind != .session, record.version == change.base {
        return .extend(record.id, version: record.version, deadline: record.deadline)
      }
      return .save(record, replacing: change.base, ttl: change.baseTTL)
    }
  }

  private func finish(_ commits: [StoreCommit], _ outcomes: [StoreOutcome]) {
    let now = clock.now()
    // A page that was read before has these as they were.
    withState { state in
      guard state.changedDuringPage != nil else { return }
      for change in commits.lazy.flatMap(\.changes) { state.changedDuringPage?.insert(change.id) }
    }
    var rest = outcomes[...]
    var replies = StoreReplies()
    var postponed: [StoreState.PostponedReply] = []
    var hasTaken = false
    var refusal: String?
    for commit in commits {
      let own = commit.outcomes(&rest)
      for (change, outcome) in zip(commit.changes, own) {
        switch outcome {
        case .done(let version):
          counters.count(counters.saves)
          if let image = change.image, image.kind == .session {
            counters.note(ttl: image.ttl)
            hasTaken = true
          }
          cache.publish(change, version: version, at: now)
        case .conflict:
          counters.count(counters.conflicts)
          _ = cache.forget(change.id.span)
        // What memory has is as true as before.
        case .refused(let reason): refusal = refusal ?? reason
        // Of uses only.
        case .damaged: break
        }
      }
      settle(commit, &replies)
      let answer = StoreAnswer(to: own)
      if own.contains(.conflict), commit.conflicts >= Self.conflictsWithoutPause {
        let pause = Int64(Double(Self.conflictPauseMost) * chance())
        postponed.append(.init(at: now + pause, waiter: commit.waiter, answer: answer))
      } else {
        replies.add(answer, for: commit.waiter)
      }
    }
    // First: one that takes a change and refuses another does not take changes again.
    if let refusal { noteFailure(.unavailable(refusal, isDecided: true), .saving) }
    if hasTaken { noteTaken() }
    if !postponed.isEmpty { withState { $0.postponed += postponed } }
    replies.send()
  }

  private func fail(_ commits: [StoreCommit], _ error: StoreError) {
    var refusal = StoreRefusal(reason: error.description)
    if case .unavailable(_, let isDecided) = error { refusal.isDecided = isDecided }
    var replies = StoreReplies()
    for commit in commits {
      // Nobody knows what the store has now: it is asked before the next answer.
      if !refusal.isDecided {
        let hasAll = hasAllButUses.load(ordering: .relaxed)
        for change in commit.changes {
          _ = cache.forget(change.id.span, evenIfUsed: true, evenIfUnsaved: hasAll)
        }
      }
      settle(commit, &replies)
      replies.add(.refused(refusal), for: commit.waiter)
    }
    noteFailure(error, .saving)
    replies.send()
  }

  /// The commit's ids are free.
  private func settle(_ commit: StoreCommit, _ replies: inout StoreReplies) {
    var doubtful: [[UInt8]] = []
    var waiters: [StoreWaiter] = []
    withState { state in
      for id in commit.ids {
        let end = state.flights.end(id)
        waiters += end.waiters
        if end.isDoubtful { doubtful.append(id) }
      }
    }
    for id in doubtful { _ = cache.forget(id.span) }
    replies.add(.ready, for: waiters)
  }
}

extension StoreCommit {
  /// The ending, then the session (`SessionCache.rename`).
  var isRename: Bool { kind == .rename }

  /// What became of its changes, from the front of all outcomes of a call.
  func outcomes(_ rest: inout ArraySlice<StoreOutcome>) -> [StoreOutcome] {
    guard isRename else {
      defer { rest = rest.dropFirst(changes.count) }
      return Array(rest.prefix(changes.count))
    }
    switch rest.popFirst() {
    case .done(let version): return [.done(version: version - 1), .done(version: version)]
    case let outcome?: return [outcome, outcome]
    case nil: return [.conflict, .conflict]
    }
  }
}

extension StoreAnswer {
  /// To who has put changes to the store. Where one was refused and another made, it is not said that nothing was.
  fileprivate init(to outcomes: [StoreOutcome]) {
    guard let reason = outcomes.lazy.compactMap(\.refusal).first else {
      self = .committed(outcomes)
      return
    }
    self = .refused(StoreRefusal(reason: reason, isDecided: !outcomes.contains(where: \.isDone)))
  }
}
