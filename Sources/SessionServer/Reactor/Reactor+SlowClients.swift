import SessionWire
import SystemCalls

/// Clients that do not finish their lines, or do not take their last one.
extension Reactor {
  func notePartialLine(
    _ connection: Connection, _ token: ConnectionTable.Token, madeProgress: Bool, _ now: Int64
  ) {
    guard connection.conversation.hasPartialLine else {
      if connection.partialSince != nil {
        connection.partialSince = nil
        partial.remove(token.rawValue)
      }
      return
    }
    guard connection.partialSince == nil || madeProgress else { return }
    connection.partialSince = now
    partial.insert(token.rawValue)
    nextSlowCheck = min(nextSlowCheck, now + limits.lineTimeout)
  }

  /// Closes connections whose line has been unfinished for too long. Those that wait for their replies
  /// to be read are not meant: they are not read themselves.
  func dropSlow() {
    guard nextSlowCheck != .max else { return }
    let now = clock.now()
    guard now >= nextSlowCheck else { return }
    nextSlowCheck = .max
    for rawToken in partial {
      let token = ConnectionTable.Token(rawValue: rawToken)
      guard let connection = connections[token], let since = connection.partialSince else { continue }
      let end = since + limits.lineTimeout
      if end > now {
        nextSlowCheck = min(nextSlowCheck, end)
      } else if connection.interest == .read {
        statistics.count(statistics.dropped)
        close(token)
      } else {
        nextSlowCheck = min(nextSlowCheck, now + limits.lineTimeout)
      }
    }
    for rawToken in closing {
      let token = ConnectionTable.Token(rawValue: rawToken)
      guard let end = connections[token]?.closesAt else { continue }
      if end > now { nextSlowCheck = min(nextSlowCheck, end) } else { close(token) }
    }
  }
}
