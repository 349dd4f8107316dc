import SessionCache
import SessionWire

/// One connection's watching, apart from its socket: which sessions, and how far it was told of them. The log of
/// events goes on as long as there is one.
final class Watch {
  let sessions: WatchedSessions
  /// The number of the last event that was told, or need not be.
  private(set) var position: UInt64
  /// Whether it is behind the other watchers of its thread, and goes on by itself from its position.
  private(set) var isBehind = false
  /// For whoever looks for the connections that an event concerns: this one was found already.
  var isConcerned = false
  private let log: EventLog
  private let listener: EventListener

  /// - Parameters:
  ///   - position: events behind it are told.
  ///   - listener: has joined the log, and leaves it with this.
  init(_ sessions: WatchedSessions, position: UInt64, log: EventLog, listener: EventListener) {
    self.sessions = sessions
    self.position = position
    self.log = log
    self.listener = listener
  }

  deinit { log.leave(listener) }

  /// Appends an EVENT line for each event of a portion that it wants and was not told of, and moves on to the
  /// portion's end.
  func tell(_ portion: borrowing EventPortion, to reply: inout [UInt8]) {
    portion.forEachEvent(after: position) { event, id, to in
      guard sessions.contains(id) || !to.isEmpty && sessions.contains(to) else { return }
      reply.appendEvent(event, id, to: to)
    }
    position = max(position, portion.last)
  }

  /// Can't take what comes behind a number now.
  func fallBehind(at number: UInt64) {
    position = max(position, number)
    isBehind = true
  }

  func catchUp() { isBehind = false }
}
