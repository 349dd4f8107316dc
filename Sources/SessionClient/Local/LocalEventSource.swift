internal import SessionWire
internal import SystemCalls

/// One watcher of the sessions of this process.
final class LocalEventSource: EventSource {
  private let sessions: LocalSessions
  /// The ids; nothing: all sessions.
  private let ids: [String]?
  private let since: Int?
  /// The watcher's number in the journal once it has begun, and the last event that there was then.
  private let begun = Guarded<(watcher: Int, last: Int)?>(nil)

  init(_ sessions: LocalSessions, _ ids: [String]?, since: Int?) {
    self.sessions = sessions
    self.ids = ids
    self.since = since
  }

  nonisolated(nonsending) func begin() async throws -> Int {
    try Task.checkCancellation()
    return try watcher().last
  }

  private func watcher() throws(SessionError) -> (watcher: Int, last: Int) {
    if let known = begun.withLock(\.self) { return known }
    // It knows what can be watched; nothing is said to anybody.
    _ = try WatchDialogue(ids, since: since)
    let names = ids.map { Set($0.map { Name($0) }) }
    guard names?.count ?? 0 <= Limits.watchedIDs else {
      throw .tooLarge("WATCH takes at most \(Limits.watchedIDs) names at a time")
    }
    let new = try sessions.locked { table in table.journal.watch(names, since: since) }
    begun.withLock { $0 = new }
    return new
  }

  nonisolated(nonsending) func next() async throws -> SessionEvent {
    let number = try watcher().watcher
    return try await withTaskCancellationHandler {
      while true {
        try Task.checkCancellation()
        switch try sessions.locked({ table in table.journal.next(number) }) {
        case .event(let event): return event
        case .over: throw SessionError.closed
        case .nothingYet: await wait(number)
        }
      }
    } onCancel: {
      sessions.unlessClosed { table in table.journal.wake(number) }
    }
  }

  nonisolated(nonsending) private func wait(_ number: Int) async {
    await withCheckedContinuation { continuation in
      let isTaken = sessions.unlessClosed { table in
        // Cancelled before it could be woken.
        if Task.isCancelled { return false }
        table.journal.wait(number, continuation)
        return true
      }
      if isTaken != true { continuation.resume() }
    }
  }

  func stop() {
    guard let number = begun.withLock(\.self)?.watcher else { return }
    sessions.unlessClosed { table in table.journal.stop(number) }
  }
}
