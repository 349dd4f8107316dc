internal import Glibc
internal import SystemCalls

/// The thread of a client: connects, receives what no caller looks for, sends leftovers and keeps deadlines.
///
/// Only this thread opens connections. A connection's descriptor stays open until the last holder lets go, so
/// its number is never another file's while poll(2) watches it.
final class EngineThread {
  typealias Instant = ContinuousClock.Instant

  private let engine: ConnectionEngine
  /// The number of the engine's wake signal, for poll(2).
  private let wakeNumber: Int32

  init(engine: ConnectionEngine, wakeNumber: Int32) {
    self.engine = engine
    self.wakeNumber = wakeNumber
  }

  private enum Step {
    case stop
    case connect
    case retire(MappedView)
    case askForMapping
    case wait(Watch, until: Instant?)
  }

  /// What wakes it up, besides callers and time. That the other side has closed does so in any case.
  private struct Watch {
    let connection: SocketConnection?
    let forReplies: Bool
    let forRoom: Bool

    var events: Int16 { Int16((forReplies ? POLLIN : 0) | (forRoom ? POLLOUT : 0)) }
  }

  func run() {
    // The program's signals are for the program's own threads.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, nil)
    while true {
      let (step, settlements) = nextStep()
      // Time is up for callers alone, so that none of these is an errand.
      for settlement in settlements { settlement.deliver() }
      switch step {
      case .stop: return
      case .connect: connect()
      case .retire(let view): view.retire()
      case .askForMapping: engine.askForMapping()
      case .wait(let watch, let until): wait(for: watch, until: until)
      }
    }
  }

  private func nextStep() -> (Step, [Settlement]) {
    engine.state.withLock { state in
      if case .closed = state.lifecycle { return (.stop, []) }
      let now = Instant.now
      if let view = engine.checkPresence(&state, at: now) { return (.retire(view), []) }
      let isConnected = state.connection != nil
      let isAwaited = state.pipeline.waitingCount > 0
      // Who reads on without a daemon wants to hear of the next one.
      let wantsConnection = !isConnected && (isAwaited || state.shelf.current != nil)
      let backoff = isAwaited ? state.backoff : state.quietBackoff
      if wantsConnection, backoff.allowsAttempt(at: now) { return (.connect, []) }
      if state.shouldAskForMapping(at: now) { return (.askForMapping, []) }
      engine.performDuties(&state, at: now)
      let settlements = state.pipeline.expire(at: now, unreachable: isConnected ? nil : state.unreachable)
      var until = Self.earliest(
        state.pipeline.nextExpiry(isConnected: isConnected),
        state.duties.nextMoment(
          isConnected: isConnected && !state.pipeline.isDraining,
          holdsMapping: state.shelf.current != nil,
          answerPatience: engine.options.boundedRequestTimeout))
      if wantsConnection { until = Self.earliest(until, backoff.pausedUntil) }
      // A client that was busy a moment ago is likely to be busy again: a timer that is set already
      // spares the next caller from waking the thread.
      if until == nil, state.lingersUntil > now { until = state.lingersUntil }
      state.sleepsUntil = until
      // Where the next caller is likely to look for its reply, that shall not wake the thread as well. Where it is
      // not, its request shall not have to wake the thread.
      let isLookLikely = state.polling.patience > 0 && !state.lacksSlot
      state.threadAwaitsReplies = !state.isLooking && (state.pipeline.awaitsReplies || !isLookLikely)
      let watch = Watch(
        connection: state.connection, forReplies: state.threadAwaitsReplies, forRoom: state.watchesRoom)
      return (.wait(watch, until: until), settlements)
    }
  }

  private static func earliest(_ one: Instant?, _ other: Instant?) -> Instant? {
    guard let one, let other else { return one ?? other }
    return min(one, other)
  }

  private func connect() {
    let attempt = Result { () throws(SessionError) in
      try engine.locator.connect(in: engine.openDescriptors)
    }
    let jitter = Double.random(in: 0...1)
    // Who looks at the connection before has seen its end, and is about to let go.
    engine.withReceiver { receiver in
      let asksForMapping = engine.state.withLock { state -> Bool? in
        guard case .running = state.lifecycle else { return nil }
        switch attempt {
        case .success(let connection):
          begin(&state, with: connection)
          return state.duties.mapping == .asked
        case .failure(let error):
          state.unreachable = error
          if state.pipeline.waitingCount > 0 { state.backoff.failed(at: .now, jitter: jitter) }
          state.quietBackoff.failed(at: .now, jitter: jitter)
          engine.noteAbsence(&state)
          return nil
        }
      }
      if let asksForMapping {
        receiver.begin(lineBytesMax: engine.options.replyBytesMax, awaitsDescriptor: asksForMapping)
      }
    }
  }

  private func begin(_ state: inout ConnectionEngine.State, with connection: SocketConnection) {
    state.connection = connection
    state.connectedAt = .now
    engine.touches.unmute()
    if state.duties.mapping == .wanted {
      state.duties.mapping = .asked
      state.duties.asked(at: .now)
      state.pipeline.prepend(PendingRequest(.map))
    }
    if !engine.touches.isEmpty { state.duties.touchAt = state.duties.touchAt ?? .now }
    state.flush(to: connection)
  }

  private func wait(for watch: Watch, until moment: Instant?) {
    var watched = [pollfd(fd: wakeNumber, events: Int16(POLLIN), revents: 0)]
    if let connection = watch.connection {
      watched.append(pollfd(fd: connection.number, events: watch.events, revents: 0))
    }
    // Interrupted or out of memory: the loop comes round, and the deadlines still hold.
    guard poll(&watched, nfds_t(watched.count), PollTime.milliseconds(until: moment)) > 0 else { return }
    if watched[0].revents != 0 { engine.state.withLock { $0.wakeSignal?.clear() } }
    guard let connection = watch.connection, watched[1].revents != 0 else { return }
    if watched[1].revents & Int16(POLLOUT) != 0 { sendLeftovers() }
    if watched[1].revents & ~Int16(POLLOUT) != 0 { engine.receiveReplies(over: connection) }
  }

  private func sendLeftovers() {
    engine.state.withLock { state in
      guard let connection = state.connection else { return }
      state.pipeline.flush(connection.send)
      state.watchesRoom = state.pipeline.hasUnsent && !state.pipeline.isDraining
    }
  }
}
