internal import SessionWire
internal import Synchronization
internal import SystemCalls

/// Looking for a reply before sleeping: a wake-up costs more time, and more processor time, than the whole round
/// trip takes when nobody sleeps.
///
/// It is the caller that looks, on its own thread, right after it sent its request, if no other request is under
/// way and recent ones were answered quickly enough (`AdaptivePolling`). The client's thread, which has other
/// requests wake it, leaves the socket alone meanwhile, so that the reply wakes nobody. A look lasts for
/// `Options.busyPoll`, and a wake-up more while it is tried whether looking pays; nobody looks who has no request
/// under way.
extension ConnectionEngine {
  /// After so many looks a task gives up its thread for a moment, which costs about as much as one request.
  static let looksInATurn: UInt64 = 64

  private struct Look {
    let connection: SocketConnection
    /// Nanoseconds since boot.
    let begin: Int64
    /// Nanoseconds.
    let patience: UInt64
  }

  /// Sends a request and looks for its reply, if that is likely to pay.
  ///
  /// - Returns: what came of the request; nothing if the look was in vain or was not tried. Either way `submit`
  ///   sees to what is left to do.
  func sendAndLook(for request: PendingRequest) -> Result<ReplyLine, SessionError>? {
    guard options.busyPoll > .zero, !threadReceives.load(ordering: .relaxed) else { return nil }
    // Whoever finds one of the locks taken is not alone.
    return receiver.withLockIfFree { receiver -> Result<ReplyLine, SessionError>? in
      guard isQuiet(&receiver), let look = beginLook(for: request) else { return nil }
      let isAnswered = receive(through: look, for: request, &receiver)
      pollingSlots.give()
      return endLook(for: request, isInVain: !isAnswered)
    } ?? nil
  }

  /// Whether there is a connection without a request under way, on which nothing has come. What came unasked would be
  /// taken for the reply to the next request, and so on: nobody watches for it, so the connection is given up here.
  private func isQuiet(_ receiver: inout ReplyReceiver) -> Bool {
    let idle = state.withLockIfFree { state -> SocketConnection? in
      guard state.polling.patience > 0, state.pipeline.count == 0 else { return nil }
      return state.connection
    }
    guard let connection = idle ?? nil else { return false }
    switch receiver.receive(over: connection) {
    case .nothingYet: return true
    case .ended: disconnect(.lost, &receiver)
    case .replies(let replies, let violation, _):
      let end = accept(replies, violation, over: connection, &receiver)
      // Unless somebody has asked for something since.
      let isUnasked = end == nil && replies.isEmpty && state.withLock { $0.pipeline.count == 0 }
      if let end = isUnasked ? .violation("a part of a line came that nobody asked for") : end {
        disconnect(end, &receiver)
      }
    }
    return false
  }

  /// Sends the request of a caller that is to look; else nothing.
  private func beginLook(for request: PendingRequest) -> Look? {
    state.withLockIfFree { state -> Look? in
      let patience = state.polling.patience
      guard patience > 0, case .running = state.lifecycle, let connection = state.connection,
        state.pipeline.count == 0, !state.pipeline.isDraining
      else { return nil }
      let lackedSlot = state.lacksSlot
      state.lacksSlot = !pollingSlots.tryTake()
      guard !state.lacksSlot else { return nil }
      state.enqueue(request)
      state.wakeThread(by: request.deadline)
      guard !state.pipeline.hasUnsent else {
        // The daemon takes its time: it has not even all of the request.
        state.awaitReplies()
        pollingSlots.give()
        return nil
      }
      (state.isLooking, state.isHeldUp) = (true, false)
      // The thread watches the socket since then, so that each reply would wake it.
      if lackedSlot { state.wakeThread() }
      looks.wrappingAdd(1, ordering: .relaxed)
      let begin = BootClock.system.now()
      state.preemption.note(at: begin)
      return Look(connection: connection, begin: begin, patience: patience)
    } ?? nil
  }

  /// Receives until the reply has come or patience is over.
  ///
  /// - Returns: whether the request was answered.
  private func receive(
    through look: Look, for request: PendingRequest, _ receiver: inout ReplyReceiver
  ) -> Bool {
    var last = look.begin
    while true {
      let received = receiver.receive(over: look.connection)
      let now = BootClock.system.now()
      let isHeldUp =
        now - last > Int64(AdaptivePolling.heldUpAfter) && notePreemption(for: now - last, at: now)
      switch received {
      case .nothingYet:
        break
      case .ended:
        disconnect(.lost, &receiver)
        return false
      case .replies(let replies, let violation, _):
        let end = accept(replies, violation, over: look.connection, &receiver)
        if let end { disconnect(end, &receiver) }
        if state.withLock({ _ in request.isSettled }) { return true }
        if end != nil { return false }
      }
      if isHeldUp || now - look.begin >= Int64(look.patience) { return false }
      last = now
    }
  }

  /// Whether other programs had the processor meanwhile, which says that it should be left to them. What comes from now
  /// on is not found by looking.
  private func notePreemption(for nanoseconds: Int64, at now: Int64) -> Bool {
    state.withLock { state in
      guard state.preemption.happened(by: now) else { return false }
      state.polling.heldUp(for: UInt64(nanoseconds))
      state.isHeldUp = true
      return true
    }
  }

  /// Leaves what is still to come to the thread.
  private func endLook(for request: PendingRequest, isInVain: Bool) -> Result<ReplyLine, SessionError>? {
    state.withLock { state in
      state.isLooking = false
      let leavesSome = state.pipeline.awaitsReplies
      if isInVain {
        if !state.isHeldUp { state.polling.foundNothing() }
      } else if leavesSome {
        state.polling.savedNothing()
      }
      if leavesSome { state.awaitReplies() }
      return request.result
    }
  }
}
