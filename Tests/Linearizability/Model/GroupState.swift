/// What stands under some ids at one moment: the sequential object that histories are compared with.
///
/// Ids that no RENAME joins have nothing to do with each other, so a group is as small as the renames of a
/// history allow, and mostly one id.
struct GroupState: Hashable {
  private(set) var ids: [IdState]

  init(count: Int) { ids = Array(repeating: IdState(), count: count) }

  /// The versions are enough to tell nearly all states apart, and hashing fields takes long.
  func hash(into hasher: inout Hasher) {
    for id in ids { hasher.combine(id.session.version) }
  }

  /// What an operation with this reply would have made of the ids.
  enum Step: Equatable {
    /// The reply is not what these would have answered.
    case impossible
    /// The reply fits, and nothing changed.
    case same
    /// The reply fits, and either something changed, or is known better now: one of these.
    case changed([GroupState])
  }

  /// When an operation may have been done.
  struct Moment {
    /// Not before this.
    let earliest: Int64
    /// Not after this.
    let latest: Int64
  }

  /// - Parameter operation: where its reply was lost: what it does if it is done, `.same` where that is nothing.
  func step(_ operation: GroupOperation, at moment: Moment) -> Step {
    switch ids[operation.id].bar {
    case nil:
      switch operation.call {
      case .rename: return rename(operation)
      case .revoke: return revoke(operation, [operation.id])
      default: return inSession(operation, operation.id)
      }
    case .alias(let alias)? where !alias.isOver: return throughAlias(alias, operation, at: moment)
    case .alias(let alias)? where operation.isRevoke && operation.operation.begin <= alias.grace.upperBound:
      return revokeInTime(alias, operation, at: moment)
    case .mark?, .alias?: return behindMark(operation)
    }
  }

  /// When the graces that were seen to be over were so at the earliest: what is done now is done later.
  var latestGraceSeenOver: Int64 {
    ids.reduce(.min) { latest, id in
      guard case .alias(let alias)? = id.bar, alias.isOver else { return latest }
      return max(latest, alias.grace.lowerBound)
    }
  }

  /// Whether a grace that may last until `earlier` is certainly over at `moment`.
  func endsGrace(at moment: Int64, from earlier: Int64) -> Bool {
    ids.contains { id in
      guard case .alias(let alias)? = id.bar, !alias.isOver else { return false }
      return earlier <= alias.grace.upperBound && alias.grace.upperBound < moment
    }
  }
}

// Under an id that is neither renamed nor revoked, and under a mark.
extension GroupState {
  private func changing(_ id: Int, _ change: (inout IdState) -> Void) -> GroupState {
    var next = self
    change(&next.ids[id])
    return next
  }

  /// A request about one session alone, whichever id the client knows it by.
  private func inSession(_ operation: GroupOperation, _ id: Int) -> Step {
    let session = ids[id].session
    let step =
      operation.outcome.map { session.step(operation.call, $0) } ?? session.stepUnseen(operation.call)
    switch step {
    case .impossible: return .impossible
    case .same: return .same
    case .changed(let next): return .changed([changing(id) { $0.session = next }])
    }
  }

  private func rename(_ operation: GroupOperation) -> Step {
    guard let new = operation.target, case .rename(_, let grace) = operation.call else { return .impossible }
    let old = operation.id
    guard ids[old].session.fields != nil else { return operation.expects(.missing) }
    guard ids[new].bar == nil else { return operation.expects(.revoked) }
    guard ids[new].session.fields == nil else { return meets(operation.outcome, new) }
    guard operation.outcome ?? .renamed == .renamed,
      let renamed = ids[old].session.renamed(over: ids[new].session)
    else { return .impossible }
    var next = self
    next.ids[new].session = renamed
    next.ids[old].session = ids[old].session.ended
    next.ids[old].bar =
      grace.map { .alias(IdState.Alias(target: new, grace: operation.times(after: $0))) } ?? .mark
    return .changed([next])
  }

  /// A rename that finds a session under the new id.
  private func meets(_ outcome: Outcome?, _ new: Int) -> Step {
    guard let outcome else { return .same }
    guard case .conflict(let current) = outcome else { return .impossible }
    switch ids[new].session.having(version: current) {
    case .impossible: return .impossible
    case .same: return .same
    case .changed(let known): return .changed([changing(new) { $0.session = known }])
    }
  }

  /// - Parameter path: from the id that the client knows to that of the session, through aliases; all of them are
  ///   marked.
  private func revoke(_ operation: GroupOperation, _ path: [Int]) -> Step {
    let lives = path.contains { ids[$0].session.fields != nil }
    let reply = Outcome.removed(lives ? 1 : 0)
    guard operation.outcome ?? reply == reply else { return .impossible }
    var next = self
    for id in path {
      // One that is over is as good as a mark, and tells when it was over.
      if case .alias(let alias)? = ids[id].bar, alias.isOver { continue }
      next.ids[id].session = ids[id].session.ended
      next.ids[id].bar = .mark
    }
    return .changed([next])
  }

  private func behindMark(_ operation: GroupOperation) -> Step {
    switch operation.call {
    case .set, .deleteKeys, .increment, .rename: return operation.expects(.revoked)
    case .delete, .revoke: return operation.expects(.removed(0))
    case .get, .getAll, .getMany, .info, .exists:
      guard let outcome = operation.outcome else { return .same }
      return SessionState().step(operation.call, outcome) == .same ? .same : .impossible
    }
  }
}

// Under an alias.
extension GroupState {
  /// So many aliases are followed from one to the next.
  private static let stepsMost = 64

  /// Where a request may come to, and what is known of the ids if it does.
  private struct Way {
    let state: GroupState
    /// All ids on the way.
    let path: [Int]
    /// nil: to a mark.
    let id: Int?
  }

  private func throughAlias(
    _ alias: IdState.Alias, _ operation: GroupOperation, at moment: Moment
  ) -> Step {
    switch operation.call {
    // Behind a mark it would be the same.
    case .set, .deleteKeys, .increment, .rename: return operation.expects(.revoked)
    case .delete:
      let isWithin = moment.earliest <= alias.grace.upperBound
      if isWithin, operation.expects(.revoked) == .same { return .same }
    default: break
    }
    var nexts: [GroupState] = []
    for way in ways(from: operation.id, at: moment, steps: Self.stepsMost) {
      switch way.state.answer(operation, by: way) {
      case .impossible: continue
      // Then nothing is gained by the others: what is not over can be found to be over later.
      case .same where way.state == self: return .same
      case .same: nexts.append(way.state)
      case .changed(let states): nexts += states
      }
    }
    return nexts.isEmpty ? .impossible : .changed(nexts)
  }

  /// A REVOKE of an old id goes by the moment at which it came, also where somebody sees that the grace is over
  /// before it is done: to end the session and to look at a clock are two things.
  private func revokeInTime(
    _ alias: IdState.Alias, _ operation: GroupOperation, at moment: Moment
  ) -> Step {
    var open = alias
    open.isOver = false
    return changing(operation.id) { $0.bar = .alias(open) }.throughAlias(
      open, operation, at: Moment(earliest: operation.operation.begin, latest: moment.latest))
  }

  private func answer(_ operation: GroupOperation, by way: Way) -> Step {
    switch operation.call {
    case .revoke: revoke(operation, way.path)
    // Another id's mark is none for the alias.
    case .delete: way.path.count == 1 ? behindMark(operation) : .impossible
    default: way.id.map { inSession(operation, $0) } ?? behindMark(operation)
    }
  }

  /// First those on which the least is over.
  private func ways(from id: Int, at moment: Moment, steps: Int) -> [Way] {
    guard let bar = ids[id].bar else { return [Way(state: self, path: [id], id: id)] }
    guard case .alias(var alias) = bar, !alias.isOver, steps > 0 else {
      return [Way(state: self, path: [id], id: nil)]
    }
    var ways: [Way] = []
    if moment.earliest <= alias.grace.upperBound {
      ways = self.ways(from: alias.target, at: moment, steps: steps - 1).map {
        Way(state: $0.state, path: [id] + $0.path, id: $0.id)
      }
    }
    if moment.latest >= alias.grace.lowerBound {
      alias.isOver = true
      ways.append(Way(state: changing(id) { $0.bar = .alias(alias) }, path: [id], id: nil))
    }
    return ways
  }
}

extension GroupState: CustomStringConvertible {
  var description: String {
    ids.count == 1
      ? "\(ids[0])" : ids.enumerated().map { "id \($0): \($1)" }.joined(separator: "\n    ")
  }
}
