/// The search for an order: Wing and Gong's, with Lowe's memory of the configurations that led nowhere
/// ("Testing for linearizability", 2017).
///
/// Three things keep it short. A reply that changes nothing and fits is placed at once, since nothing is
/// gained by waiting. Writes whose replies tell their versions are placed in the order of those. And
/// operations whose replies were lost are only tried where nothing else goes on.
struct Search {
  /// Those with a reply, and then those without, each by their beginnings.
  private let operations: [Operation]
  private let certainCount: Int
  /// For a write whose reply told its version: how many such writes have lower ones.
  private let ranks: [Int]
  private let configurationsMost: Int

  private var state = SessionState()
  private var open: EventList
  private var placed: OperationSet
  private var placedUncertain: OperationSet
  private var ranksPlaced = 0
  /// The latest beginning of what is placed: what had ended before can't be placed any more.
  private var latestBegin = Int64.min
  private var path: [Choice] = []
  private var seen: Set<Configuration> = []
  private var deepest = StuckPoint()

  private struct Choice {
    let operation: Int
    let stateBefore: SessionState
    let latestBeginBefore: Int64
    /// Whether there was no other way.
    let isForced: Bool
  }

  /// Where the best attempt so far could not go on.
  private struct StuckPoint {
    var placed = -1
    var state = SessionState()
    var open: [Int] = []
  }

  /// Where in the order of trying a node is: first the certain, then the uncertain operations.
  private enum Cursor {
    case certain(place: Int)
    case uncertain(Int)
  }

  init(_ history: [Operation], configurationsMost: Int) {
    let certain = history.filter { $0.outcome != nil }.sorted { $0.begin < $1.begin }
    let uncertain = history.filter { $0.outcome == nil && $0.call.isChange }.sorted { $0.begin < $1.begin }
    operations = certain + uncertain
    certainCount = certain.count
    self.configurationsMost = configurationsMost
    open = EventList(operations[..<certainCount])
    placed = OperationSet(count: certain.count)
    placedUncertain = OperationSet(count: uncertain.count)
    var ranks = Array(repeating: -1, count: certain.count)
    let versioned = certain.indices.filter { certain[$0].madeVersion != nil }
    let inOrder = versioned.sorted { certain[$0].madeVersion! < certain[$1].madeVersion! }
    for (rank, number) in inOrder.enumerated() { ranks[number] = rank }
    self.ranks = ranks
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
        cursor = after(last)
        continue
      }
      cursor = .certain(place: open.first)
    }
    return .linearizable(configurations: seen.count)
  }
}

extension Search {
  /// An operation whose reply fits and changes nothing, if placing it now takes no other way from the
  /// search: where an operation whose reply was lost ended before this one began, that one might have to
  /// come first.
  private func fittingRead() -> Int? {
    var place = open.first
    while let number = open.candidate(from: place) {
      if step(number) == .same && !closesUncertain(operations[number].begin) { return number }
      place = open.place(after: number)
    }
    return nil
  }

  private func closesUncertain(_ begin: Int64) -> Bool {
    for number in certainCount..<operations.count where isOpen(number) {
      if operations[number].end < begin { return true }
    }
    return false
  }

  /// Whether an operation without a reply is not placed and still can be.
  private func isOpen(_ number: Int) -> Bool {
    !placedUncertain.contains(number - certainCount) && operations[number].end >= latestBegin
  }

  private func step(_ number: Int) -> SessionState.Step {
    let operation = operations[number]
    guard let outcome = operation.outcome else { return state.stepUnseen(operation.call) }
    return state.step(operation.call, outcome)
  }

  /// The next thing to try here that leads to a configuration where the search has not been.
  private mutating func choice(from cursor: Cursor) -> (operation: Int, next: SessionState)? {
    var firstUncertain = certainCount
    switch cursor {
    case .uncertain(let number): firstUncertain = number
    case .certain(var place):
      while let number = open.candidate(from: place) {
        place = open.place(after: number)
        guard ranks[number] < 0 || ranks[number] == ranksPlaced else { continue }
        if let next = newState(number) { return (number, next) }
      }
    }
    let firstEnd = open.firstEnd
    for number in firstUncertain..<operations.count {
      guard operations[number].begin <= firstEnd else { break }
      if isOpen(number), let next = newState(number) { return (number, next) }
    }
    return nil
  }

  /// The state after an operation, if it fits and the search has not been there.
  private mutating func newState(_ number: Int) -> SessionState? {
    let next: SessionState
    switch step(number) {
    case .impossible: return nil
    case .same:
      // One without a reply that does nothing is as good as one that never was.
      guard number < certainCount else { return nil }
      next = state
    case .changed(let changed): next = changed
    }
    mark(number)
    let isNew = seen.insert(
      Configuration(certain: placed.key, uncertain: placedUncertain.key, state: next)
    ).inserted
    unmark(number)
    return isNew ? next : nil
  }

  private mutating func put(_ number: Int, _ next: SessionState, isForced: Bool) {
    path.append(
      Choice(operation: number, stateBefore: state, latestBeginBefore: latestBegin, isForced: isForced))
    mark(number)
    state = next
    latestBegin = max(latestBegin, operations[number].begin)
    guard number < certainCount else { return }
    open.take(number)
    if ranks[number] >= 0 { ranksPlaced += 1 }
  }

  /// Undoes everything up to and with the last choice that has other ways; nil: there is none.
  private mutating func goBack() -> Int? {
    while let last = path.popLast() {
      unmark(last.operation)
      state = last.stateBefore
      latestBegin = last.latestBeginBefore
      if last.operation < certainCount {
        open.putBack(last.operation)
        if ranks[last.operation] >= 0 { ranksPlaced -= 1 }
      }
      if !last.isForced { return last.operation }
    }
    return nil
  }

  private func after(_ number: Int) -> Cursor {
    number < certainCount ? .certain(place: open.place(after: number)) : .uncertain(number + 1)
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
    deepest.open = []
    var place = open.first
    while let number = open.candidate(from: place) {
      deepest.open.append(number)
      place = open.place(after: number)
    }
  }

  private var explanation: String {
    var lines = ["no order fits: after \(deepest.placed) of \(operations.count) operations"]
    lines.append("  the session is: \(deepest.state)")
    lines.append("  and none of these can be next:")
    lines += deepest.open.map { "  \(operations[$0])" }
    return lines.joined(separator: "\n")
  }
}
