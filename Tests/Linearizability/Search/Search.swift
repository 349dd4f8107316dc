/// The search for an order: Wing and Gong's, with Lowe's memory of the configurations that led nowhere
/// ("Testing for linearizability", 2017).
///
/// Three things keep it short. A reply that changes nothing and fits is placed at once, since nothing is
/// gained by waiting. Writes whose replies tell their versions are placed in the order of those. And
/// operations whose replies were lost are only tried where nothing else goes on.
struct Search {
  private let group: Group
  /// For a write whose reply told its version: how many such writes to the same id have lower ones.
  private let ranks: [Int]
  private let configurationsMost: Int

  private var state: GroupState
  private var open: EventList
  private var placed: OperationSet
  private var placedUncertain: OperationSet
  /// By id.
  private var ranksPlaced: [Int]
  /// The latest beginning of what is placed: what had ended before can't be placed any more.
  private var latestBegin = Int64.min
  private var path: [Choice] = []
  private var seen: Set<Configuration> = []
  private var deepest: StuckPoint

  private var operations: [GroupOperation] { group.operations }
  private var certainCount: Int { group.certainCount }

  private struct Choice {
    let operation: Int
    let stateBefore: GroupState
    let latestBeginBefore: Int64
    /// Whether there was no other way.
    let isForced: Bool
  }

  /// Where the best attempt so far could not go on.
  private struct StuckPoint {
    var placed = -1
    var state: GroupState
    /// The last of what was placed.
    var last: [Int] = []
    var open: [Int] = []

    static let toldMost = 16
  }

  /// Where in the order of trying a node is: first the certain, then the uncertain operations.
  private enum Cursor {
    case certain(place: Int)
    case uncertain(Int)
  }

  init(_ group: Group, configurationsMost: Int) {
    self.group = group
    self.configurationsMost = configurationsMost
    state = GroupState(count: group.ids.count)
    deepest = StuckPoint(state: state)
    open = EventList(group.operations[..<group.certainCount])
    placed = OperationSet(count: group.certainCount)
    placedUncertain = OperationSet(count: group.operations.count - group.certainCount)
    ranks = group.ranksOfVersions
    ranksPlaced = Array(repeating: 0, count: group.ids.count)
  }

  mutating func run() -> Verdict {
    var cursor = Cursor.certain(place: open.first)
    while !open.isEmpty {
      if let read = fittingRead() {
        put(read, state, isForced: true)
      } else if let (operation, next) = choice(from: cursor) {
        guard seen.count <= configurationsMost else { return .undecided(configurations: seen.count) }
        put(operation, next, isForced: false)
      } else {
        noteStuckPoint()
        guard let last = goBack() else { return .notLinearizable(explanation) }
        cursor = retrying(last)
        continue
      }
      cursor = .certain(place: open.first)
    }
    return .linearizable(configurations: seen.count)
  }
}

extension Search {
  /// An operation whose reply fits and changes nothing, if placing it now takes no other way from the
  /// search: where an operation whose reply was lost ended before this one began, or a grace did, what came
  /// before that might have to come first.
  private func fittingRead() -> Int? {
    let firstEnd = open.firstEnd
    var place = open.first
    while let number = open.candidate(from: place) {
      let begin = operations[number].operation.begin
      if step(number, firstEnd) == .same, !closesUncertain(begin),
        !state.endsGrace(at: begin, from: latestBegin)
      {
        return number
      }
      place = open.place(after: number)
    }
    return nil
  }

  private func closesUncertain(_ begin: Int64) -> Bool {
    for number in certainCount..<operations.count where isOpen(number) {
      if operations[number].operation.end < begin { return true }
    }
    return false
  }

  /// Whether an operation without a reply is not placed and still can be.
  private func isOpen(_ number: Int) -> Bool {
    !placedUncertain.contains(number - certainCount) && operations[number].operation.end >= latestBegin
  }

  private func step(_ number: Int, _ firstEnd: Int64) -> GroupState.Step {
    let operation = operations[number]
    let moment = GroupState.Moment(
      earliest: max(latestBegin, operation.operation.begin), latest: min(firstEnd, operation.operation.end))
    return state.step(operation, at: moment)
  }

  /// The next thing to try here that leads to a configuration where the search has not been.
  private mutating func choice(from cursor: Cursor) -> (operation: Int, next: GroupState)? {
    let firstEnd = open.firstEnd
    var firstUncertain = certainCount
    switch cursor {
    case .uncertain(let number): firstUncertain = number
    case .certain(var place):
      while let number = open.candidate(from: place) {
        place = open.place(after: number)
        guard ranks[number] < 0 || ranks[number] == ranksPlaced[operations[number].id] else { continue }
        if let next = newState(number, firstEnd) { return (number, next) }
      }
    }
    for number in firstUncertain..<operations.count {
      guard operations[number].operation.begin <= firstEnd else { break }
      if isOpen(number), let next = newState(number, firstEnd) { return (number, next) }
    }
    return nil
  }

  /// A state after an operation, if it fits and the search has not been there.
  private mutating func newState(_ number: Int, _ firstEnd: Int64) -> GroupState? {
    let nexts: [GroupState]
    switch step(number, firstEnd) {
    case .impossible: return nil
    case .same:
      // One without a reply that does nothing is as good as one that never was.
      guard number < certainCount else { return nil }
      nexts = [state]
    case .changed(let changed): nexts = changed
    }
    mark(number)
    defer { unmark(number) }
    let (certain, uncertain) = (placed.key, placedUncertain.key)
    return nexts.first { next in
      seen.insert(Configuration(certain: certain, uncertain: uncertain, state: next)).inserted
    }
  }

  private mutating func put(_ number: Int, _ next: GroupState, isForced: Bool) {
    path.append(
      Choice(operation: number, stateBefore: state, latestBeginBefore: latestBegin, isForced: isForced))
    mark(number)
    state = next
    latestBegin = max(latestBegin, operations[number].operation.begin, next.latestGraceSeenOver)
    guard number < certainCount else { return }
    open.take(number)
    if ranks[number] >= 0 { ranksPlaced[operations[number].id] += 1 }
  }

  /// Undoes everything up to and with the last choice that has other ways; nil: there is none.
  private mutating func goBack() -> Int? {
    while let last = path.popLast() {
      unmark(last.operation)
      state = last.stateBefore
      latestBegin = last.latestBeginBefore
      if last.operation < certainCount {
        open.putBack(last.operation)
        if ranks[last.operation] >= 0 { ranksPlaced[operations[last.operation].id] -= 1 }
      }
      if !last.isForced { return last.operation }
    }
    return nil
  }

  /// Where to go on when what came of an operation led nowhere: with the same one, of which something else may
  /// come. The configuration that was tried is not tried again.
  private func retrying(_ number: Int) -> Cursor {
    number < certainCount ? .certain(place: open.place(of: number)) : .uncertain(number)
  }

  private mutating func mark(_ number: Int) {
    if number < certainCount { placed.insert(number) } else { placedUncertain.insert(number - certainCount) }
  }

  private mutating func unmark(_ number: Int) {
    if number < certainCount { placed.remove(number) } else { placedUncertain.remove(number - certainCount) }
  }
}

extension Search {
  private mutating func noteStuckPoint() {
    let count = path.count
    guard count > deepest.placed else { return }
    deepest.placed = count
    deepest.state = state
    deepest.last = path.suffix(StuckPoint.toldMost).map(\.operation)
    deepest.open = []
    var place = open.first
    while let number = open.candidate(from: place) {
      deepest.open.append(number)
      place = open.place(after: number)
    }
  }

  private var explanation: String {
    var lines = ["no order fits: after \(deepest.placed) of \(operations.count) operations"]
    if group.ids.count > 1 {
      lines.append("  ids: " + group.ids.enumerated().map { "\($0) \($1)" }.joined(separator: ", "))
    }
    lines.append("  the last ones:")
    lines += deepest.last.map { "  \(group.description(of: $0))" }
    lines.append("  the session is: \(deepest.state)")
    lines.append("  and none of these can be next:")
    lines += deepest.open.map { "  \(group.description(of: $0))" }
    return lines.joined(separator: "\n")
  }
}
