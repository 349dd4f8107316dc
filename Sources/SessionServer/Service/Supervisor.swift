import Glibc
import Logging
import SystemCalls

/// The main thread's loop: accepts clients and deals them out, hears signals, and keeps systemd
/// informed. It serves no requests itself, so that accepting runs ahead of reading, and so that it can
/// tell whether the threads that do are alive.
final class Supervisor {
  private enum Token: UInt64 {
    case listener, signals, tick, acceptRetry, statusChange
  }

  /// What it does to the rest of the daemon.
  struct Actions {
    /// SIGHUP.
    var reload: () -> Void
    /// STATUS= for systemd.
    var status: () -> String
  }

  private static let acceptRetryNanoseconds: Int64 = 100_000_000
  private static let statusNanoseconds: Int64 = 10_000_000_000
  /// Accepted in one turn, so that signals are heard in a flood of clients.
  private static let acceptedPerTurn = 256

  private let epoll: Epoll
  private let signals: SignalReader
  private let tick: BootTimer
  private let acceptRetry: BootTimer
  private let listener: Int32
  private let calls: SocketCalls
  private let ledger: ConnectionLedger
  private let reactors: [ReactorMailbox]
  private let watched: [Progress]
  private let wakeReclaimer: () -> Void
  private let statusChange: StatusChange?
  private let manager: ServiceManager
  private let actions: Actions
  private let logger: Logger
  private let refusedLog: RateLimitedLog
  private let exhaustedLog: RateLimitedLog
  private let recoveredLog: RateLimitedLog
  private let stuckLog: RateLimitedLog
  private var nextReactor = 0
  private var lastStatus = ""
  private var isStopping = false
  private var isExhausted = false

  init(
    listener: Int32, signals: consuming SignalReader, calls: SocketCalls, ledger: ConnectionLedger,
    reactors: [ReactorMailbox], watched: [Progress], wakeReclaimer: @escaping () -> Void,
    statusChange: StatusChange? = nil,
    manager: ServiceManager,
    clock: BootClock, logger: Logger, actions: Actions
  ) throws(SystemCallError) {
    self.listener = listener
    self.calls = calls
    self.ledger = ledger
    self.reactors = reactors
    self.watched = watched
    self.wakeReclaimer = wakeReclaimer
    self.statusChange = statusChange
    self.manager = manager
    self.logger = logger
    self.actions = actions
    refusedLog = RateLimitedLog(logger, level: .warning, clock: clock)
    exhaustedLog = RateLimitedLog(logger, level: .error, clock: clock)
    stuckLog = RateLimitedLog(logger, level: .critical, clock: clock)
    recoveredLog = RateLimitedLog(logger, level: .notice, clock: clock)
    epoll = try Epoll()
    tick = try BootTimer()
    acceptRetry = try BootTimer()
    self.signals = signals
    try epoll.add(listener, .read, token: Token.listener.rawValue)
    try epoll.add(self.signals.number, .read, token: Token.signals.rawValue)
    try epoll.add(tick.number, .read, token: Token.tick.rawValue)
    try epoll.add(acceptRetry.number, .read, token: Token.acceptRetry.rawValue)
    if let statusChange {
      try epoll.add(statusChange.signal.number, .read, token: Token.statusChange.rawValue)
    }
  }

  /// Until SIGTERM or SIGINT.
  func run() throws(SystemCallError) {
    if manager.isPresent {
      try tick.set(nanoseconds: manager.watchdogInterval ?? Self.statusNanoseconds, repeating: true)
    }
    askAll()
    tellStatus()
    while !isStopping {
      var failure: SystemCallError?
      try epoll.wait(milliseconds: nil) { event in
        do throws(SystemCallError) {
          try handle(Token(rawValue: event.token)!)
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
    }
  }

  private func handle(_ token: Token) throws(SystemCallError) {
    switch token {
    case .listener: try acceptClients()
    case .signals: handleSignals()
    case .tick:
      tick.clear()
      watch()
      tellStatus()
    case .statusChange:
      statusChange?.signal.clear()
      tellStatus()
    case .acceptRetry:
      acceptRetry.clear()
      try epoll.modify(listener, .read, token: Token.listener.rawValue)
    }
  }

  private func handleSignals() {
    while let signal = signals.next() {
      if signal == SIGHUP { actions.reload() } else { isStopping = true }
    }
  }

  // MARK: systemd

  /// Tells systemd that the daemon is alive, if every thread has answered since the last tick.
  private func watch() {
    guard manager.watchdogInterval != nil else { return }
    let stuck = watched.filter { !$0.hasAnswered }.map(\.name)
    guard stuck.isEmpty else {
      stuckLog.log("stuck: \(stuck.joined(separator: ", ")); the watchdog is not told that all is well")
      return
    }
    // One that is lost is followed by another before the time is over.
    _ = manager.tell("WATCHDOG=1")
    askAll()
  }

  private func askAll() {
    for progress in watched { progress.ask() }
    for reactor in reactors { reactor.signal.raise() }
    wakeReclaimer()
  }

  private func tellStatus() {
    let status = actions.status()
    guard status != lastStatus, manager.tell("STATUS=\(status)") else { return }
    lastStatus = status
  }

  // MARK: Clients

  /// Whether there may be more.
  @discardableResult
  private func acceptClients() throws(SystemCallError) -> Bool {
    for _ in 0..<Self.acceptedPerTurn {
      do throws(SystemCallError) {
        let socket = try systemCall("accept4") { calls.accept(listener) }
        admit(Descriptor(owning: socket))
      } catch {
        switch error.code {
        case EAGAIN:
          noteRecovery()
          return false
        case ECONNABORTED: continue
        // The listener itself is no good: a fault of this program.
        case EBADF, EINVAL, ENOTSOCK, EOPNOTSUPP, EFAULT: throw error
        // Out of descriptors or memory, or what accept(2) asks to treat like that.
        default:
          try pauseAccepting(error)
          return false
        }
      }
    }
    return true
  }

  /// The last round before the listener is closed: who connected before is still answered.
  func acceptWaiting() {
    do throws(SystemCallError) {
      // As many as can wait, and no more, so that a flood can't keep the daemon from stopping.
      for _ in 0..<ListenSocket.backlog / Int32(Self.acceptedPerTurn) {
        guard try acceptClients() else { return }
      }
    } catch {
      logger.warning("clients that were waiting are not answered: \(error)")
    }
  }

  /// The listener stays readable while clients wait that can't be accepted: not watching it for a while
  /// is what keeps the daemon from spinning.
  private func pauseAccepting(_ error: SystemCallError) throws(SystemCallError) {
    isExhausted = true
    exhaustedLog.log("new clients have to wait: \(error); those that are connected are served")
    try epoll.modify(listener, [], token: Token.listener.rawValue)
    try acceptRetry.set(nanoseconds: Self.acceptRetryNanoseconds, repeating: false)
  }

  private func noteRecovery() {
    guard isExhausted else { return }
    isExhausted = false
    recoveredLog.log("new clients are accepted again")
  }

  private func admit(_ socket: consuming Descriptor) {
    let stream = StreamSocket(socket, calls: calls)
    let peer: PeerCredentials
    do throws(SystemCallError) {
      peer = try stream.peer()
    } catch {
      return refusedLog.log("a client was turned away: its ids can't be had: \(error)")
    }
    do throws(ConnectionLedger.Refusal) {
      try ledger.admit(peer.uid)
    } catch {
      return refuse(stream, peer, error)
    }
    stream.refuseDescriptors()
    nextReactor = (nextReactor + 1) % reactors.count
    let number = stream.release()
    reactors[nextReactor].post { $0.arrivals.append(.init(socket: number, peer: peer)) }
  }

  private func refuse(
    _ stream: borrowing StreamSocket, _ peer: PeerCredentials, _ refusal: ConnectionLedger.Refusal
  ) {
    let why =
      switch refusal {
      case .total(let most): "all \(most) connections are in use"
      case .user(let most): "all \(most) connections of user \(peer.uid) are in use"
      }
    refusedLog.log("a client of user \(peer.uid) was turned away: \(why)")
    let line = Array("ERR limit \(why)\n".utf8)
    do throws(SystemCallError) {
      _ = try stream.send(line, from: 0)
    } catch {
      logger.debug("a client that was turned away did not wait for the reason: \(error)")
    }
  }
}
