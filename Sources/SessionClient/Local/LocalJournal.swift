/// The last events, with numbers, for those who watch. It begins with the first of them.
struct LocalJournal {
  /// Who watches, and how far he has come.
  struct Watcher {
    /// Only events of these sessions; nothing: of all.
    let ids: Set<Name>?
    var last: Int
    var waiter: CheckedContinuation<Void, Never>?
  }

  /// What there is for a watcher.
  enum Step {
    case event(SessionEvent)
    case nothingYet
    /// It was stopped.
    case over
  }

  /// So many events are kept.
  static let most = 65_536

  private(set) var isBegun = false
  /// The number of the last event there is.
  private(set) var last: Int
  private var kept = Queue<SessionEvent>()
  private var watchers: [Int: Watcher] = [:]
  private var lastWatcher = 0
  /// Watchers for whom something came, to be resumed without the lock.
  private var woken: [CheckedContinuation<Void, Never>] = []

  init(last: Int) {
    self.last = last
  }

  var waitersCount: Int { watchers.values.count { $0.waiter != nil } }

  mutating func append(_ kind: SessionEvent.Kind, _ id: Name, version: Int, newSession: Name? = nil) {
    guard isBegun else { return }
    last += 1
    kept.append(
      SessionEvent(
        sequence: last, kind: kind, session: id.text, version: version, newSession: newSession?.text))
    if kept.count > Self.most { _ = kept.popFirst() }
    for (number, watcher) in watchers where watcher.waiter != nil {
      if Self.wants(watcher, id) || newSession.map({ Self.wants(watcher, $0) }) ?? false {
        wake(number)
      } else {
        // It has seen all before, and this is nothing to it.
        watchers[number]?.last = last
      }
    }
  }

  private static func wants(_ watcher: Watcher, _ id: Name) -> Bool { watcher.ids?.contains(id) ?? true }

  // MARK: Watching

  /// Begins to watch.
  ///
  /// - Returns: the watcher's number, and that of the last event there is.
  mutating func watch(_ ids: Set<Name>?, since: Int?) -> (watcher: Int, last: Int) {
    isBegun = true
    lastWatcher += 1
    watchers[lastWatcher] = Watcher(ids: ids, last: since ?? last)
    return (lastWatcher, last)
  }

  mutating func stop(_ number: Int) {
    wake(number)
    watchers[number] = nil
  }

  mutating func stopAll() {
    for number in watchers.keys { stop(number) }
  }

  /// The next event for a watcher.
  mutating func next(_ number: Int) -> Step {
    guard let watcher = watchers[number] else { return .over }
    let first = last - kept.count + 1
    // Of another journal, or not kept any more.
    guard watcher.last <= last, watcher.last >= first - 1 else {
      watchers[number]?.last = last
      return .event(SessionEvent(sequence: last, kind: .missed))
    }
    for position in (watcher.last - first + 1)..<kept.count {
      let event = kept[position]
      let ids = [event.session, event.newSession].compactMap { $0.map { Name($0) } }
      guard ids.contains(where: { Self.wants(watcher, $0) }) else { continue }
      watchers[number]?.last = event.sequence
      return .event(event)
    }
    watchers[number]?.last = last
    return .nothingYet
  }

  /// Has somebody resumed when there is something for a watcher.
  mutating func wait(_ number: Int, _ waiter: CheckedContinuation<Void, Never>) {
    // Stopped, or something came since `next` was asked: it can be asked again.
    guard let watcher = watchers[number], watcher.last == last else {
      woken.append(waiter)
      return
    }
    watchers[number]?.waiter = waiter
  }

  mutating func wake(_ number: Int) {
    guard let waiter = watchers[number]?.waiter else { return }
    watchers[number]?.waiter = nil
    woken.append(waiter)
  }

  mutating func takeWoken() -> [CheckedContinuation<Void, Never>] {
    defer { woken = [] }
    return woken
  }
}
