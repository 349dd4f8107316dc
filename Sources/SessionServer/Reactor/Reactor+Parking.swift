import Logging
import SystemCalls

/// Connections whose requests wait for the store. They are neither read nor served meanwhile; one that hangs up is
/// closed like any other, and the answer to its ticket finds nobody.
extension Reactor {
  func park(_ connection: Connection, _ token: ConnectionTable.Token, _ ticket: UInt64) {
    guard connection.ticket != ticket else { return }
    if let old = connection.ticket { parked.remove(old) }
    connection.ticket = ticket
    parked.insert(ticket, token, until: clock.now() &+ connection.conversation.patience)
  }

  /// An answer of the store.
  func goOn(with reply: StoreReply) {
    guard let token = parked.remove(reply.ticket), let connection = connections[token] else { return }
    connection.ticket = nil
    guard connection.conversation.deliver(reply) else { return }
    // Others' events, or replies before it, may have filled its socket; it goes on when they are sent.
    guard !connection.hasOutput else { return }
    do throws(SystemCallError) {
      try goOn(connection, token, catchesUp: false)
    } catch {
      logger.debug("connection closed: \(error)")
      close(token)
    }
  }

  /// A connection is closed whose request waits.
  func abandon(_ ticket: UInt64) {
    parked.remove(ticket)
    executor.desk?.abandon(ticket)
  }

  /// Lets those go on, without what they wait for, that have waited too long.
  func dropOverdue() {
    guard parked.nextCheck != .max else { return }
    for ticket in parked.overdue(at: clock.now()) {
      executor.desk?.abandon(ticket)
      goOn(
        with: StoreReply(
          ticket: ticket,
          answer: .refused(StoreRefusal(reason: "it does not answer in time", isDecided: false))))
    }
  }
}
