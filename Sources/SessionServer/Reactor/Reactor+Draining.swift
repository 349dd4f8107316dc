import SystemCalls

/// Going down.
extension Reactor {
  /// Answers what has arrived by now, then lets every client go. Requests that come later are refused.
  func drain() {
    isDraining = true
    for token in connections.tokens { drain(token) }
    executor.isStopping = true
  }

  func drain(_ token: ConnectionTable.Token) {
    guard let connection = connections[token] else { return }
    do throws(SystemCallError) {
      // Bounded, so that a client that never stops sending can't hold the daemon up.
      for _ in 0..<64 where !connection.hasOutput && !connection.hasEnded && connection.interest == .read {
        guard let count = try connection.socket.receive(into: &buffer), count > 0 else { break }
        var now = clock.now()
        let pause = connection.conversation.take(&buffer, count: count, executor, now: &now, reply: &reply)
        try finishTurn(connection, token, pause)
        guard connections[token] != nil else { return }
      }
      // One whose replies still wait, or that has more to do than a turn allows, or waits for the store, goes on with
      // the lines that it has sent, and is closed behind the last of them.
      connection.hasEnded = true
      if !connection.hasOutput, !connection.isRunnable, connection.ticket == nil { close(token) }
    } catch {
      close(token)
    }
  }
}
