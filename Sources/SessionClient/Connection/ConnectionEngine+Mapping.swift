internal import SessionWire
internal import SystemCalls

/// The mapping's comings and goings.
extension ConnectionEngine {
  /// Asks for the segment, with the receiver in hand: whoever receives the reply must know that a descriptor
  /// may come with it.
  func askForMapping() {
    withReceiver { receiver in
      let isAsked = state.withLock { state -> Bool in
        guard state.shouldAskForMapping(at: .now), let connection = state.connection else { return false }
        state.duties.mapping = .asked
        append(.map, to: &state)
        state.flush(to: connection)
        return true
      }
      if isAsked { receiver.expectDescriptor() }
    }
  }

  /// Takes the segment out of a reply to MAP, or does without it.
  func takeMapping(
    _ result: Result<ReplyLine, SessionError>, _ descriptor: consuming Descriptor?,
    over connection: SocketConnection?
  ) {
    // Lost, or declined while the daemon shuts down: the next connection tells more.
    guard case .success(let reply) = result else { return }
    var view: MappedView?
    if case .value = reply, let descriptor = descriptor.take(), let daemon = connection?.daemon {
      do throws(MappedView.Refusal) {
        view = try MappedView(mapping: descriptor.number, from: daemon)
      } catch {
        // Not to be trusted, or of a format that this library does not know: the socket does for all.
        view = nil
      }
    }
    settleMapping(view)?.retire()
    if case .refused(.unavailable, _) = reply { askForMappingLater() }
  }

  /// Takes what came of a MAP: the segment, or nothing if it was refused or is not fit to be used.
  ///
  /// - Returns: a view to be retired.
  func settleMapping(_ view: MappedView?) -> MappedView? {
    state.withLock { state in
      guard case .running = state.lifecycle else { return nil }
      state.duties.mapping = .settled
      guard let view else {
        // What was mapped so far is not known to be this daemon's.
        return drop(&state)
      }
      if let current = state.shelf.current, current.pointee.file == view.file { return nil }
      let before = state.shelf.drop()
      state.shelf.put(view)
      gate.pointee.closesAt = .max
      gate.pointee.view = state.shelf.current
      return before
    }
  }

  /// The daemon could not send the descriptor just now.
  func askForMappingLater() {
    state.withLock { state in
      guard state.duties.mapping == .settled else { return }
      state.duties.mapping = .wantedAt(.now + Duties.mappingPause)
    }
  }

  /// Takes note that another segment has taken the place of a view's, as a reader found out.
  @inline(never)
  func noteSuperseded(_ view: UnsafePointer<MappedView>) {
    let dropped = state.withLock { state -> MappedView? in
      guard state.shelf.current == view else { return nil }
      if state.duties.mapping == .settled { state.duties.mapping = .wanted }
      state.wakeThread()
      return drop(&state)
    }
    dropped?.retire()
  }

  /// Reads take the socket from now on.
  func drop(_ state: inout State) -> MappedView? {
    gate.pointee.view = nil
    state.duties.aloneUntil = nil
    return state.shelf.drop()
  }

  /// A reply came: there is a daemon, and what the mapping says is up to date.
  func noteReply(_ state: inout State) {
    state.duties.unansweredSince = nil
    guard state.duties.aloneUntil != nil else { return }
    state.duties.aloneUntil = nil
    gate.pointee.closesAt = .max
  }

  /// There is no daemon: reads may go on for a while.
  func noteAbsence(_ state: inout State) {
    guard state.shelf.current != nil, state.duties.aloneUntil == nil else { return }
    let duration = options.boundedMappedReadsAlone
    state.duties.aloneUntil = .now + duration
    gate.pointee.closesAt = BootClock.system.now() + Int64(duration / .nanoseconds(1))
  }

  /// Notices a daemon that does not answer, and says what to retire when reads went on alone for too long.
  /// Called by the thread, under the lock.
  func checkPresence(_ state: inout State, at now: Instant) -> MappedView? {
    if let since = state.duties.unansweredSince, since + options.boundedRequestTimeout <= now {
      noteAbsence(&state)
    }
    guard let aloneUntil = state.duties.aloneUntil, aloneUntil <= now else { return nil }
    // The next daemon that answers is asked for its segment.
    if state.duties.mapping == .settled { state.duties.mapping = .wanted }
    return drop(&state)
  }
}
