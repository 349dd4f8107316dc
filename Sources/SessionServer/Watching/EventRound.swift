import SessionCache

/// Some events, and those of a reactor's watchers who are told of them: one after the other, and perhaps not all in
/// the same turn.
struct EventRound {
  var portion = EventPortion()
  /// The number of the event before the portion.
  private(set) var start: UInt64 = 0
  /// The number of its last event: those who are not behind are told up to here, once the round is done.
  var end: UInt64 = 0
  private var watchers: [WatcherTable.Watcher] = []
  private(set) var toldCount = 0

  var isDone: Bool { toldCount == watchers.count }

  /// - Parameter watchers: whom an event of `portion`, which was read behind `end`, may concern.
  mutating func begin(for watchers: [WatcherTable.Watcher]) {
    start = end
    end = portion.last
    self.watchers = watchers
    toldCount = 0
  }

  /// Whose turn it is; nil when all had theirs.
  mutating func next() -> WatcherTable.Watcher? {
    guard !isDone else { return nil }
    defer { toldCount += 1 }
    return watchers[toldCount]
  }
}
