internal import Glibc
internal import SystemCalls

/// The thread of one iteration over events: connects, watches, receives, and connects again.
final class EventThread {
  typealias Instant = ContinuousClock.Instant

  private let source: SocketEventSource
  private let wakeNumber: Int32
  private let options: SessionClient.Options
  private let locator: SocketLocator
  private var dialogue: WatchDialogue
  private var backoff = Backoff()
  /// Until when the first connection is waited for; nothing once the watch has begun.
  private var beginBy: Instant?
  private var buffer = [UInt8](repeating: 0, count: 16 * 1024)

  /// A line has an event, with two ids at most, which may be full of escapes.
  private static let lineBytesMax = 16 * 1024

  init(_ source: SocketEventSource, _ dialogue: WatchDialogue, wakeNumber: Int32) {
    self.source = source
    self.dialogue = dialogue
    self.wakeNumber = wakeNumber
    let engine = source.client.engine
    options = engine.options
    locator = engine.locator
    beginBy = .now + options.boundedReconnectPatience
  }

  func run() {
    // The program's signals are for the program's own threads.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, nil)
    while !isOver {
      guard source.hasRoom() else {
        _ = wait(for: nil, until: nil)
        continue
      }
      do throws(SessionError) {
        // Descriptors of a parent stay open in its child, where nobody closes them: they are few.
        let connection = try locator.connect(in: OpenDescriptors())
        try converse(over: connection)
      } catch {
        pause(after: error)
      }
    }
  }

  private var isOver: Bool {
    source.state.withLock { state in
      if case .over = state.stage { true } else { false }
    }
  }

  /// Waits for the next attempt, or ends everything.
  private func pause(after error: SessionError) {
    guard Self.isTemporary(error) else { return source.end(error) }
    if let beginBy, .now >= beginBy { return source.end(error) }
    backoff.failed(at: .now, jitter: Double.random(in: 0...1))
    while !isOver, let moment = backoff.pausedUntil, moment > .now {
      _ = wait(for: nil, until: moment)
    }
  }

  private static func isTemporary(_ error: SessionError) -> Bool {
    switch error {
    case .unavailable, .disconnected, .timedOut, .limit, .stopping: true
    default: false
    }
  }

  /// Watches until the connection is over, which it says by an error.
  private func converse(over connection: SocketConnection) throws(SessionError) {
    var unsent = try dialogue.connected()[...]
    var cutter = LineCutter(lineBytesMax: Self.lineBytesMax)
    var answerBy: Instant? = .now + options.boundedRequestTimeout
    while !isOver {
      if !unsent.isEmpty { unsent = unsent.dropFirst(connection.send(Array(unsent), from: 0)) }
      let isReadable = wait(for: connection, sending: !unsent.isEmpty, until: answerBy)
      if let answerBy, .now >= answerBy { throw .timedOut(mayHaveBeenApplied: false) }
      guard isReadable else { continue }
      switch connection.receive(into: &buffer) {
      case .nothingYet: continue
      case .ended: throw .disconnected(mayHaveBeenApplied: false)
      case .bytes(let count):
        for step in try take(buffer[..<count], &cutter) {
          switch step {
          case .ask(let line): unsent += line
          case .began:
            answerBy = nil
            beginBy = nil
            backoff.succeeded()
          case .reconnect(let error), .fail(let error): throw error
          case .event: continue
          }
        }
      }
    }
  }

  /// Hands over what bytes say, up to the first error.
  private func take(
    _ bytes: ArraySlice<UInt8>, _ cutter: inout LineCutter
  ) throws(SessionError) -> [WatchDialogue.Step] {
    var bytes = bytes
    var steps: [WatchDialogue.Step] = []
    defer { source.accept(steps) }
    do throws(LineCutter.TooLong) {
      while let line = try cutter.next(from: &bytes) { steps += dialogue.take(line) }
    } catch {
      throw .protocolViolation(error.description, mayHaveBeenApplied: false)
    }
    return steps
  }

  /// Sleeps until a connection has something to be received and there is room for it, or until it can be sent
  /// on, or somebody wakes the thread, or the moment has come.
  ///
  /// - Returns: whether there is something to be received.
  private func wait(
    for connection: SocketConnection?, sending: Bool = false, until moment: Instant?
  ) -> Bool {
    var watched = [pollfd(fd: wakeNumber, events: Int16(POLLIN), revents: 0)]
    let connection = source.hasRoom() ? connection : nil
    if let connection {
      let events = Int16(sending ? POLLIN | POLLOUT : POLLIN)
      watched.append(pollfd(fd: connection.number, events: events, revents: 0))
    }
    guard poll(&watched, nfds_t(watched.count), PollTime.milliseconds(until: moment)) > 0 else {
      return false
    }
    if watched[0].revents != 0 { source.state.withLock { $0.wakeSignal?.clear() } }
    return connection != nil && watched[1].revents & ~Int16(POLLOUT) != 0
  }
}
