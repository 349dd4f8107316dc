import Logging
import SessionCache
import SessionWire
import SystemCalls

/// Clients that watch sessions.
///
/// The reactor reads new events once for all its watchers, and sends each of them what concerns it. One whose
/// socket does not take that falls behind: it gets nothing more until all of it is sent, and then goes on by itself
/// from its own place in the log, in turns like any other work, until it has caught up. So it holds no more than a
/// turn's replies, and slows nobody; when the log has overwritten its place, it is told so and closed.
extension Reactor {
  /// So many bytes of events are read at a stretch, a hundred or so: the log is locked for a microsecond, and
  /// their lines, at most four times as long, are few against `Conversation.replyBytesMost`.
  private static let portionBytes = 8 * 1024
  /// How many portions a turn has at most.
  private static let portionsMost = 16

  /// So many watchers are told before the clock is looked at.
  private static let watchersPerLook = 8

  /// After each turn of a connection, which may have begun or ended to watch.
  func noteWatch(_ connection: Connection, _ token: ConnectionTable.Token) {
    let watch = connection.conversation.watch
    guard watch !== connection.notedWatch else { return }
    connection.notedWatch = watch
    watchers.remove(token)
    guard let watch else { return }
    if watchers.isEmpty {
      round = EventRound()
      round.end = watch.position
    }
    if watch.position < round.end { watch.fallBehind(at: watch.position) }
    watchers.insert(watch, token)
  }

  /// Sends the events that are new, as many as one turn allows.
  func sendEvents() {
    hasMoreEvents = false
    guard !watchers.isEmpty else { return }
    // Whatever comes into the log behind this wakes the reactor again.
    executor.listener.comeBy()
    let log = executor.cache.events
    guard !round.isDone || log.lastNumber > round.end else { return }
    let end = clock.now() + Conversation.turnNanoseconds
    for _ in 0..<Self.portionsMost {
      guard !round.isDone || beginRound(log) else { break }
      while let watcher = round.next() {
        send(to: watcher)
        if round.toldCount % Self.watchersPerLook == 0, clock.now() >= end { break }
      }
      if clock.now() >= end { break }
    }
    closeOvertaken()
    hasMoreEvents = !round.isDone || log.lastNumber > round.end
  }

  /// Reads the next events; whether there are any.
  private func beginRound(_ log: EventLog) -> Bool {
    for _ in 0..<2 {
      switch log.read(after: round.end, bytesMost: Self.portionBytes, into: &round.portion) {
      case .upToDate: return false
      case .overtaken:
        // This thread itself was too slow for the log.
        closeOvertaken()
        round.end = log.completeAfter
      case .some:
        round.begin(for: watchers.concerned(by: round.portion))
        return true
      }
    }
    return false
  }

  private func send(to watcher: WatcherTable.Watcher) {
    guard watchers[watcher.token] === watcher.watch, !watcher.watch.isBehind,
      let connection = connections[watcher.token], !connection.isClosing, !connection.hasEnded
    else { return }
    // Behind the reply to a request that waits for the store: the event may be of that request.
    guard !connection.hasOutput, connection.ticket == nil else {
      return watchers.fallBehind(watcher.token, at: round.start)
    }
    watcher.watch.tell(round.portion, to: &reply.bytes)
    sendReply(to: connection, watcher.token)
  }

  /// Sends what stands in `reply`, outside of a connection's own turn.
  private func sendReply(to connection: Connection, _ token: ConnectionTable.Token) {
    defer { resetReply() }
    do throws(SystemCallError) {
      try connection.send(&reply, executor.segment)
      guard charge(connection) else {
        statistics.count(statistics.dropped)
        return close(token)
      }
      if connection.hasOutput { try watch(connection, token, .write) }
    } catch {
      logger.debug("connection closed: \(error)")
      close(token)
    }
  }

  // MARK: Behind the others

  /// Appends to `reply` what a watcher that is behind was not told yet, as much as one turn allows.
  func catchUp(_ connection: Connection, _ token: ConnectionTable.Token) {
    guard let watch = connection.notedWatch, watch.isBehind, !connection.hasEnded else { return }
    for _ in 0..<Self.portionsMost where reply.bytes.count < Conversation.replyBytesMost / 2 {
      switch executor.cache.events.read(
        after: watch.position, bytesMost: Self.portionBytes, into: &ownPortion)
      {
      case .upToDate: return watchers.catchUp(token)
      case .overtaken:
        connection.conversation.endTooSlow(reply: &reply)
        return noteClosing(connection, token)
      case .some: watch.tell(ownPortion, to: &reply.bytes)
      }
      if watch.position >= round.end { return watchers.catchUp(token) }
    }
  }

  private func closeOvertaken() {
    let complete = executor.cache.events.completeAfter
    guard watchers.hasSomeBehind || round.end < complete else { return }
    for watcher in watchers.overtaken(by: complete, position: round.end) {
      guard let connection = connections[watcher.token] else { continue }
      watchers.fallBehind(watcher.token, at: round.end)
      connection.conversation.endTooSlow(reply: &reply)
      connection.isClosing = true
      noteClosing(connection, watcher.token)
      sendReply(to: connection, watcher.token)
      if !connection.hasOutput { close(watcher.token) }
    }
  }

  /// It has its last line, and some time to take it.
  private func noteClosing(_ connection: Connection, _ token: ConnectionTable.Token) {
    statistics.count(statistics.dropped)
    watchers.remove(token)
    connection.notedWatch = nil
    let end = clock.now() + limits.lineTimeout
    connection.closesAt = end
    closing.insert(token.rawValue)
    nextSlowCheck = min(nextSlowCheck, end)
  }
}
