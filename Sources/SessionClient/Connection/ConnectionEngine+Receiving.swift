internal import SessionWire
internal import Synchronization
internal import SystemCalls

/// Receiving, settling and giving up a connection: with the receiver in hand, by the thread or by a caller that
/// looks for its reply.
extension ConnectionEngine {
  /// After this many pieces the deadlines get their turn.
  private static let receivesInARow = 16
  /// A connection that lasted for so long was a good one, whatever ended it.
  private static let lastingDuration = Duration.seconds(1)

  /// For the thread: does something with the receiver in hand, and has no look begin until then. Else who looks
  /// time after time would never let it have its turn.
  func withReceiver(_ body: (inout ReplyReceiver) -> Void) {
    // Relaxed: at worst somebody looks once more, or once less.
    threadReceives.store(true, ordering: .relaxed)
    receiver.withLock { body(&$0) }
    threadReceives.store(false, ordering: .relaxed)
  }

  /// Receives what is there. Called by the thread; where somebody looks it waits for the end of that.
  func receiveReplies(over connection: SocketConnection) {
    withReceiver { receiver in
      // Who looked may have found that it is over, or the client is closed.
      guard state.withLock({ $0.connection === connection }) else { return }
      for _ in 0..<Self.receivesInARow {
        switch receiver.receive(over: connection) {
        case .nothingYet:
          return
        case .ended:
          disconnect(.lost, &receiver)
          return
        case .replies(let replies, let violation, let mayBeMore):
          if let end = accept(replies, violation, over: connection, &receiver) {
            disconnect(end, &receiver)
            return
          }
          guard mayBeMore else { return }
        }
      }
    }
  }

  /// Hands the replies to their callers, and says whether the connection is over.
  func accept(
    _ replies: [ReplyLine], _ violation: String?, over connection: SocketConnection,
    _ receiver: inout ReplyReceiver
  ) -> Pipeline.End? {
    let (end, settlements) = state.withLock { state -> (Pipeline.End?, [Settlement]) in
      guard case .running = state.lifecycle else { return (nil, []) }
      var settlements: [Settlement] = []
      for reply in replies {
        switch state.pipeline.accept(reply, into: &settlements) {
        case .proceed:
          state.backoff.succeeded()
          noteReply(&state)
        case .turnedAway(let text):
          state.unreachable = .limit(text)
          return (.turnedAway, settlements)
        case .violation(let detail):
          return (.violation(detail), settlements)
        }
      }
      if let violation { return (.violation(violation), settlements) }
      noteGaps(of: settlements, &state)
      state.lingersUntil = .now + options.boundedRequestTimeout
      if state.pipeline.isDraining { state.watchesRoom = false }
      return (state.pipeline.isDrained ? .lost : nil, settlements)
    }
    deliver(settlements, over: connection, &receiver)
    return end
  }

  /// Learns how long those waited that were alone.
  private func noteGaps(of settlements: [Settlement], _ state: inout State) {
    for settlement in settlements {
      guard let since = settlement.request.aloneSince else { continue }
      let now = BootClock.system.now()
      state.polling.came(
        after: UInt64(max(0, now - since)), isFound: state.isLooking && !state.isHeldUp, at: now)
    }
  }

  /// Tells the callers, and takes what came of the engine's own errands.
  private func deliver(
    _ settlements: [Settlement], over connection: SocketConnection?, _ receiver: inout ReplyReceiver
  ) {
    for settlement in settlements {
      switch settlement.request.errand {
      case nil: settlement.deliver()
      case .map: takeMapping(settlement.result, receiver.takeDescriptor(), over: connection)
      case let errand?: finish(errand, settlement.result)
      }
    }
  }

  /// Gives the connection up, and has the thread see to the next one.
  func disconnect(_ end: Pipeline.End, _ receiver: inout ReplyReceiver) {
    let jitter = Double.random(in: 0...1)
    let settlements = state.withLock { state -> [Settlement] in
      guard case .running = state.lifecycle else { return [] }
      state.connection = nil
      state.watchesRoom = false
      state.duties.disconnected()
      noteAbsence(&state)
      // A connection that brought no answer, or was left on purpose, counts as a failed attempt.
      var failed = state.pipeline.isFresh || state.pipeline.isDraining
      switch end {
      case .turnedAway: failed = true
      case .violation(let detail):
        failed = true
        state.unreachable = .protocolViolation(detail, mayHaveBeenApplied: false)
      case .lost, .closed:
        state.unreachable = .unavailable(
          socket: locator.description, reason: "the daemon closed the connection")
      }
      if failed { state.backoff.failed(at: .now, jitter: jitter) }
      if state.connectedAt + Self.lastingDuration <= .now { state.quietBackoff.succeeded() }
      state.quietBackoff.failed(at: .now, jitter: jitter)
      state.wakeThread()
      return state.pipeline.disconnect(end, waitUntil: .now + options.boundedReconnectPatience)
    }
    _ = receiver.takeDescriptor()
    deliver(settlements, over: nil, &receiver)
  }
}
