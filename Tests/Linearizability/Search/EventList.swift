/// The beginnings and ends of operations in the order of time, as a list out of which an operation can be
/// taken when it is placed, and put back when that turns out to be wrong (Wing and Gong 1993).
struct EventList {
  struct Event {
    let operation: Int
    let isEnd: Bool
    let time: Int64
  }

  private(set) var events: [Event] = []
  private var next: [Int]
  private var previous: [Int]
  private var beginnings: [Int]
  private var ends: [Int]
  /// Stands before the first event and behind the last one.
  private let edge: Int

  init(_ operations: ArraySlice<GroupOperation>) {
    for (number, operation) in operations.enumerated() {
      events.append(Event(operation: number, isEnd: false, time: operation.operation.begin))
      events.append(Event(operation: number, isEnd: true, time: operation.operation.end))
    }
    // Operations that touch in one instant count as concurrent.
    events.sort { ($0.time, $0.isEnd ? 1 : 0, $0.operation) < ($1.time, $1.isEnd ? 1 : 0, $1.operation) }
    let edge = events.count
    self.edge = edge
    next = Array(1...edge + 1)
    next[edge] = 0
    previous = Array(-1..<edge)
    previous[0] = edge
    beginnings = Array(repeating: 0, count: operations.count)
    ends = beginnings
    for (place, event) in events.enumerated() {
      if event.isEnd { ends[event.operation] = place } else { beginnings[event.operation] = place }
    }
  }

  var isEmpty: Bool { next[edge] == edge }
  var first: Int { next[edge] }

  /// The next operation that may come first: one that began before any that is left had ended.
  func candidate(from place: Int) -> Int? {
    place == edge || events[place].isEnd ? nil : events[place].operation
  }

  func place(after operation: Int) -> Int { next[beginnings[operation]] }
  func place(of operation: Int) -> Int { beginnings[operation] }

  /// When the first operation that is left had ended.
  var firstEnd: Int64 {
    var place = first
    while place != edge && !events[place].isEnd { place = next[place] }
    return place == edge ? .max : events[place].time
  }

  mutating func take(_ operation: Int) {
    unlink(beginnings[operation])
    unlink(ends[operation])
  }

  /// Only in the reverse order of `take`.
  mutating func putBack(_ operation: Int) {
    link(ends[operation])
    link(beginnings[operation])
  }

  private mutating func unlink(_ place: Int) {
    next[previous[place]] = next[place]
    previous[next[place]] = previous[place]
  }

  private mutating func link(_ place: Int) {
    next[previous[place]] = place
    previous[next[place]] = place
  }
}
