internal import Glibc
internal import SessionWire
internal import SystemCalls

/// The thread of a client: connects, receives, sends leftovers and keeps deadlines.
///
/// Only this thread opens, reads and gives up connections. A connection's descriptor stays open until
/// the last holder lets go, so its number is never another file's while poll(2) watches it.
final class EngineThread {
  typealias Instant = ContinuousClock.Instant

  private let engine: ConnectionEngine
  /// The number of the engine's wake signal, for poll(2).
  private let wakeNumber: Int32
  private var reader: ReplyReader
  private var buffer: [UInt8]
  /// A MAP was sent and not answered yet: a descriptor may come.
  private var awaitsDescriptor = false
  /// The descriptor that came, until the reply that it belongs to is read to its end.
  private var handedOver: Descriptor?

  /// Replies are received in pieces of up to this many bytes.
  private static let receiveBytes = 64 * 1024
  /// A connection that lasted for so long was a good one, whatever ended it.
  private static let lastingDuration = Duration.seconds(1)
  /// After this many pieces the deadlines get their turn.
  private static let receivesInARow = 16

  init(engine: ConnectionEngine, wakeNumber: Int32) {
    self.engine = engine
    self.wakeNumber = wakeNumber
    reader = ReplyReader(lineBytesMax: engine.options.replyBytesMax)
    buffer = [UInt8](repeating: 0, count: Self.receiveBytes)
  }

  private enum Step {
    case stop
    case connect
    case retire(MappedView)
    case wait(SocketConnection?, forRoom: Bool, until: Instant?)
  }

  func run() {
    // The program's signals are for the program's own threads.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, nil)
    while true {
      let (step, settlements) = nextStep()
      deliver(settlements)
      switch step {
      case .stop: return
      case .connect: connect()
      case .retire(let view): view.retire()
      case .wait(let connection, let forRoom, let until): wait(connection, forRoom, until)
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
      engine.performDuties(&state, at: now)
      if state.duties.mapping == .asked { awaitsDescriptor = true }
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
      return (.wait(state.connection, forRoom: state.watchesRoom, until: until), settlements)
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
    engine.state.withLock { state in
      guard case .running = state.lifecycle else { return }
      switch attempt {
      case .success(let connection):
        reader = ReplyReader(lineBytesMax: engine.options.replyBytesMax)
        state.connection = connection
        state.connectedAt = .now
        engine.touches.unmute()
        if state.duties.mapping == .wanted {
          state.duties.mapping = .asked
          state.duties.asked(at: .now)
          state.pipeline.prepend(PendingRequest(.map))
        }
        awaitsDescriptor = state.duties.mapping == .asked
        handedOver = nil
        if !engine.touches.isEmpty { state.duties.touchAt = state.duties.touchAt ?? .now }
        state.flush(to: connection)
      case .failure(let error):
        state.unreachable = error
        if state.pipeline.waitingCount > 0 { state.backoff.failed(at: .now, jitter: jitter) }
        state.quietBackoff.failed(at: .now, jitter: jitter)
        engine.noteAbsence(&state)
      }
    }
  }

  private func wait(_ connection: SocketConnection?, _ forRoom: Bool, _ until: Instant?) {
    var watched = [pollfd(fd: wakeNumber, events: Int16(POLLIN), revents: 0)]
    if let connection {
      watched.append(
        pollfd(fd: connection.number, events: Int16(forRoom ? POLLIN | POLLOUT : POLLIN), revents: 0))
    }
    // Interrupted or out of memory: the loop comes round, and the deadlines still hold.
    guard poll(&watched, nfds_t(watched.count), PollTime.milliseconds(until: until)) > 0 else { return }
    if watched[0].revents != 0 { engine.state.withLock { $0.wakeSignal?.clear() } }
    guard let connection, watched[1].revents != 0 else { return }
    if watched[1].revents & Int16(POLLOUT) != 0 { sendLeftovers() }
    if watched[1].revents & ~Int16(POLLOUT) != 0 { receive(connection) }
  }

  private func sendLeftovers() {
    engine.state.withLock { state in
      guard let connection = state.connection else { return }
      state.pipeline.flush(connection.send)
      state.watchesRoom = state.pipeline.hasUnsent && !state.pipeline.isDraining
    }
  }

  private func receive(_ connection: SocketConnection) {
    for _ in 0..<Self.receivesInARow {
      let received =
        awaitsDescriptor
        ? connection.receive(into: &buffer, &handedOver) : connection.receive(into: &buffer)
      switch received {
      case .nothingYet:
        return
      case .ended:
        disconnect(.lost)
        return
      case .bytes(let count):
        let (replies, violation) = reader.read(buffer[..<count])
        if let end = accept(replies, violation, connection) {
          disconnect(end)
          return
        }
        if count < buffer.count { return }
      }
    }
  }

  /// Hands the replies to their callers, and says whether the connection is over.
  private func accept(
    _ replies: [ReplyLine], _ violation: String?, _ connection: SocketConnection
  ) -> Pipeline.End? {
    let (end, settlements) = engine.state.withLock { state -> (Pipeline.End?, [Settlement]) in
      guard case .running = state.lifecycle else { return (nil, []) }
      var settlements: [Settlement] = []
      for reply in replies {
        switch state.pipeline.accept(reply, into: &settlements) {
        case .proceed:
          state.backoff.succeeded()
          engine.noteReply(&state)
        case .turnedAway(let text):
          state.unreachable = .limit(text)
          return (.turnedAway, settlements)
        case .violation(let detail):
          return (.violation(detail), settlements)
        }
      }
      if let violation { return (.violation(violation), settlements) }
      state.lingersUntil = .now + engine.options.boundedRequestTimeout
      if state.pipeline.isDraining { state.watchesRoom = false }
      return (state.pipeline.isDrained ? .lost : nil, settlements)
    }
    deliver(settlements, over: connection)
    return end
  }

  /// Tells the callers, and takes what came of the engine's own errands.
  private func deliver(_ settlements: [Settlement], over connection: SocketConnection? = nil) {
    for settlement in settlements {
      switch settlement.request.errand {
      case nil: settlement.deliver()
      case .map: takeMapping(settlement.result, over: connection)
      case let errand?: engine.finish(errand, settlement.result)
      }
    }
  }

  /// Takes the segment out of a reply to MAP, or does without it.
  private func takeMapping(
    _ result: Result<ReplyLine, SessionError>, over connection: SocketConnection?
  ) {
    awaitsDescriptor = false
    let descriptor = handedOver.take()
    // Lost, or declined while the daemon shuts down: the next connection tells more.
    guard case .success(let reply) = result else { return }
    var view: MappedView?
    if case .value = reply, let descriptor, let daemon = connection?.daemon {
      do throws(MappedView.Refusal) {
        view = try MappedView(mapping: descriptor.number, from: daemon)
      } catch {
        // Not to be trusted, or of a format that this library does not know: the socket does for all.
        view = nil
      }
    }
    engine.settleMapping(view)?.retire()
    if case .refused(.unavailable, _) = reply { engine.askForMappingLater() }
  }

  private func disconnect(_ end: Pipeline.End) {
    let jitter = Double.random(in: 0...1)
    let settlements = engine.state.withLock { state -> [Settlement] in
      guard case .running = state.lifecycle else { return [] }
      state.connection = nil
      state.watchesRoom = false
      state.duties.disconnected()
      engine.noteAbsence(&state)
      // A connection that brought no answer, or was left on purpose, counts as a failed attempt.
      var failed = state.pipeline.isFresh || state.pipeline.isDraining
      switch end {
      case .turnedAway: failed = true
      case .violation(let detail):
        failed = true
        state.unreachable = .protocolViolation(detail, mayHaveBeenApplied: false)
      case .lost, .closed:
        state.unreachable = .unavailable(
          socket: engine.locator.description, reason: "the daemon closed the connection")
      }
      if failed { state.backoff.failed(at: .now, jitter: jitter) }
      if state.connectedAt + Self.lastingDuration <= .now { state.quietBackoff.succeeded() }
      state.quietBackoff.failed(at: .now, jitter: jitter)
      return state.pipeline.disconnect(end, waitUntil: .now + engine.options.boundedReconnectPatience)
    }
    awaitsDescriptor = false
    handedOver = nil
    deliver(settlements)
  }
}
