internal import Glibc
internal import SessionWire
internal import Synchronization
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

  /// Replies are received in pieces of up to this many bytes.
  private static let receiveBytes = 64 * 1024
  /// After this many pieces the deadlines get their turn.
  private static let receivesInARow = 16

  init(engine: ConnectionEngine, wakeNumber: Int32) {
    self.engine = engine
    self.wakeNumber = wakeNumber
    reader = ReplyReader(lineBytesMax: engine.options.replyBytesMax)
    buffer = [UInt8](repeating: 0, count: Self.receiveBytes)
  }

  private enum Step: Sendable {
    case stop
    case connect
    case wait(SocketConnection?, forRoom: Bool, until: Instant?)
  }

  func run() {
    // The program's signals are for the program's own threads.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, nil)
    while true {
      let (step, settlements) = nextStep()
      for settlement in settlements { settlement.deliver() }
      switch step {
      case .stop: return
      case .connect: connect()
      case .wait(let connection, let forRoom, let until): wait(connection, forRoom, until)
      }
    }
  }

  private func nextStep() -> (Step, [Settlement]) {
    engine.state.withLock { state in
      if case .closed = state.lifecycle { return (.stop, []) }
      let now = Instant.now
      let isConnected = state.connection != nil
      if !isConnected, state.pipeline.waitingCount > 0, state.backoff.allowsAttempt(at: now) {
        return (.connect, [])
      }
      let settlements = state.pipeline.expire(at: now, unreachable: isConnected ? nil : state.unreachable)
      var until = state.pipeline.nextExpiry(isConnected: isConnected)
      if !isConnected, state.pipeline.waitingCount > 0, let attempt = state.backoff.pausedUntil {
        until = until.map { min($0, attempt) } ?? attempt
      }
      // A client that was busy a moment ago is likely to be busy again: a timer that is set already
      // spares the next caller from waking the thread.
      if until == nil, state.lingersUntil > now { until = state.lingersUntil }
      state.sleepsUntil = until
      return (.wait(state.connection, forRoom: state.watchesRoom, until: until), settlements)
    }
  }

  private func connect() {
    let attempt = Result { () throws(SessionError) in try engine.locator.connect() }
    let jitter = Double.random(in: 0...1)
    engine.state.withLock { state in
      guard case .running = state.lifecycle else { return }
      switch attempt {
      case .success(let connection):
        reader = ReplyReader(lineBytesMax: engine.options.replyBytesMax)
        state.connection = connection
        state.pipeline.flush(connection.send)
        state.watchesRoom = state.pipeline.hasUnsent
      case .failure(let error):
        state.unreachable = error
        state.backoff.failed(at: .now, jitter: jitter)
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
    guard poll(&watched, nfds_t(watched.count), Self.milliseconds(until: until)) > 0 else { return }
    if watched[0].revents != 0 { engine.state.withLock { $0.wakeSignal?.clear() } }
    guard let connection, watched[1].revents != 0 else { return }
    if watched[1].revents & Int16(POLLOUT) != 0 { sendLeftovers() }
    if watched[1].revents & ~Int16(POLLOUT) != 0 { receive(connection) }
  }

  /// Rounded up, so that the thread does not wake before the instant.
  private static func milliseconds(until instant: Instant?) -> Int32 {
    guard let instant else { return -1 }
    let duration = Instant.now.duration(to: instant)
    if duration <= .zero { return 0 }
    let (seconds, attoseconds) = duration.components
    let longest = Int64(Int32.max) / 1000 - 1
    return Int32(min(seconds, longest) * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
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
      switch connection.receive(into: &buffer) {
      case .nothingYet:
        return
      case .ended:
        disconnect(.lost)
        return
      case .bytes(let count):
        let (replies, violation) = reader.read(buffer[..<count])
        if let end = deliver(replies, violation) {
          disconnect(end)
          return
        }
        if count < buffer.count { return }
      }
    }
  }

  /// Hands the replies to their callers, and says whether the connection is over.
  private func deliver(_ replies: [ReplyLine], _ violation: String?) -> Pipeline.End? {
    let (end, settlements) = engine.state.withLock { state -> (Pipeline.End?, [Settlement]) in
      guard case .running = state.lifecycle else { return (nil, []) }
      var settlements: [Settlement] = []
      for reply in replies {
        switch state.pipeline.accept(reply, into: &settlements) {
        case .proceed:
          state.backoff.succeeded()
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
    for settlement in settlements { settlement.deliver() }
    return end
  }

  private func disconnect(_ end: Pipeline.End) {
    let jitter = Double.random(in: 0...1)
    let settlements = engine.state.withLock { state -> [Settlement] in
      guard case .running = state.lifecycle else { return [] }
      state.connection = nil
      state.watchesRoom = false
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
      return state.pipeline.disconnect(end, waitUntil: .now + engine.options.boundedReconnectPatience)
    }
    for settlement in settlements { settlement.deliver() }
  }
}
