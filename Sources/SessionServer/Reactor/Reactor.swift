import Glibc
import Logging
import SessionCache
import SessionWire
import SystemCalls

/// One thread that serves its share of the connections.
///
/// It waits in epoll, level-triggered, with a token for each connection. A readable connection gets one
/// read of at most 128 KiB a turn, into a buffer that all of them share; its whole lines are executed,
/// and all their replies go out with one send. What is left of a line is kept by the connection.
///
/// A connection is watched either for reading or for writing. While replies wait to be sent it is not
/// read, so the bytes that it can make the daemon hold are bounded: a line and its reply. One with more
/// to do than a turn allows queues up behind the others (`runnable`).
///
/// Only this thread touches its connections. Others talk to it through the mailbox.
final class Reactor {
  private static let wakeToken = ConnectionTable.Token(rawValue: 0)
  /// A value of 64 kB comes in one piece.
  private static let readBytes = 128 * 1024

  let mailbox: ReactorMailbox
  let epoll: Epoll
  /// What the last wait answered with.
  var ready = ReadyEvents()
  let executor: RequestExecutor
  private let progress: Progress
  private let ledger: ConnectionLedger
  let statistics: ReactorStatistics
  let events: EventLog
  let segment: SegmentHandout
  /// Hears of events for this one's watchers.
  let ownListener: EventListener
  private var roles: RoleRules
  let clock: BootClock
  private let calls: SocketCalls
  let stall: TestStall?
  /// Whether to look for the next request before it sleeps, and with how many other threads.
  var polling = AdaptivePolling(budget: 0)
  var active = ActiveConnections()
  let slots: PollingSlots
  var preemption: Preemption
  let logger: Logger
  var limits: ReactorLimits
  var connections = ConnectionTable()
  var runnable: [ConnectionTable.Token] = []
  /// Those of `runnable` whose turn it is; empty, and kept for its room, at other times.
  private var turn: [ConnectionTable.Token] = []
  /// Those with an unfinished line, those with a last line to take, and when to look at them again.
  var partial: Set<UInt64> = []
  var closing: Set<UInt64> = []
  var nextSlowCheck = Int64.max
  /// Whose requests wait for the store, by their tickets.
  var parked = ParkedTable()
  var watchers: WatcherTable
  /// The events that those who are not behind are told of just now.
  var round = EventRound()
  /// Events for one that is behind.
  var ownPortion = EventPortion()
  /// Whether there are more events than one turn allows.
  var hasMoreEvents = false
  var buffer = [UInt8](repeating: 0, count: readBytes)
  var reply = ReplyBatch()
  /// Turns that are ended together, and their batches, kept for their room.
  var openTurns: [OpenTurn] = []
  /// When the first of them came to be, nanoseconds since boot.
  var firstOpened: Int64 = 0
  var spareReplies: [ReplyBatch] = []
  var isDraining = false
  private var isOver = false

  init(
    mailbox: ReactorMailbox, executor: RequestExecutor, progress: Progress, ledger: ConnectionLedger,
    statistics: ReactorStatistics, roles: RoleRules, clock: BootClock, calls: SocketCalls,
    stall: TestStall?, slots: PollingSlots, preemption: Preemption = Preemption(), limits: ReactorLimits,
    logger: Logger
  ) throws(SystemCallError) {
    self.mailbox = mailbox
    self.executor = executor
    self.progress = progress
    self.ledger = ledger
    self.statistics = statistics
    self.roles = roles
    self.clock = clock
    self.calls = calls
    self.stall = stall
    self.slots = slots
    self.preemption = preemption
    self.limits = limits
    self.logger = logger
    watchers = WatcherTable(seed: executor.cache.hashSeed)
    events = executor.cache.events
    segment = executor.segment
    ownListener = EventListener { mailbox.signal.raise() }
    executor.listener = ownListener
    epoll = try Epoll()
    try epoll.add(mailbox.signal.number, .read, token: Self.wakeToken.rawValue)
    reply.bytes.reserveCapacity(64 * 1024)
    setPollingBudget(limits.pollingBudget)
  }

  /// Serves until the daemon goes down and the last connection is closed.
  func run() throws(SystemCallError) {
    while !(isDraining && connections.count == 0) && !isOver {
      try waitForEvents()
      for index in 0..<ready.count {
        let event = ready[index]
        let token = ConnectionTable.Token(rawValue: event.token)
        if token == Self.wakeToken {
          endTurns()
          handleMail()
        } else {
          handle(event, token)
        }
      }
      endTurns()
      progress.answer()
      stall?.blockIfDue(.reactor, at: clock.now())
      runQueued()
      sendEvents()
      dropSlow()
      dropOverdue()
    }
    for token in connections.tokens { close(token) }
  }

  // MARK: Mail

  private func handleMail() {
    let mail = mailbox.collect()
    // Before the arrivals: some of them may have come after the change.
    if let roles = mail.roles { self.roles = roles }
    for arrival in mail.arrivals { welcome(arrival) }
    if let limits = mail.limits {
      self.limits = limits
      setPollingBudget(limits.pollingBudget)
      // The lines that are unfinished now may be so for less long.
      if !partial.isEmpty { nextSlowCheck = clock.now() }
      for token in connections.tokens { connections[token]?.conversation.setLineLimit(limits.lineBytesMost) }
    }
    if let mappers = mail.mappers { executor.mappers = mappers }
    for reply in mail.storeReplies { goOn(with: reply) }
    if mail.isDraining, !isDraining { drain() }
    if mail.isOver { isOver = true }
  }

  private func welcome(_ arrival: ReactorMailbox.Arrival) {
    let socket = StreamSocket(Descriptor(owning: arrival.socket), calls: calls)
    let conversation = Conversation(
      caller: Caller(peer: arrival.peer, role: roles.role(of: arrival.peer)),
      lineBytesMost: limits.lineBytesMost)
    let connection = Connection(socket, uid: arrival.peer.uid, conversation: conversation)
    let token = connections.insert(connection)
    do throws(SystemCallError) {
      try epoll.add(connection.socket.number, .read, token: token.rawValue)
    } catch {
      logger.error("a connection can't be watched: \(error)")
      close(token)
    }
    if isDraining { drain(token) }
  }

  // MARK: Events

  private func handle(_ event: Epoll.Event, _ token: ConnectionTable.Token) {
    guard let connection = connections[token] else { return }
    do throws(SystemCallError) {
      if connection.hasOutput {
        guard event.isWritable || event.isHangUp else { return }
        guard try connection.sendOutput(executor.segment) else { return }
        _ = charge(connection)
        try goOn(connection, token)
      } else if event.isReadable, connection.interest.contains(.read) {
        try receive(connection, token)
      } else if event.isHangUp {
        close(token)
      }
    } catch {
      // The peer is gone (EPIPE, ECONNRESET): nobody is left to tell.
      logger.debug("connection closed: \(error)")
      close(token)
    }
  }

  private func receive(_ connection: Connection, _ token: ConnectionTable.Token) throws(SystemCallError) {
    guard let count = try connection.socket.receive(into: &buffer) else { return }
    guard count > 0 else {
      connection.hasEnded = true
      return try goOn(connection, token)
    }
    active.note(token.number)
    var now = clock.now()
    let before = connection.conversation.linesTaken
    let pause = connection.conversation.take(&buffer, count: count, executor, now: &now, reply: &reply)
    notePartialLine(connection, token, madeProgress: connection.conversation.linesTaken != before, now)
    if ready.count == 1 || pause != .needsInput { return try finishTurn(connection, token, pause) }
    try endTurnSoon(connection, token, now)
  }

  /// Another turn with what was received before.
  ///
  /// - Parameter catchesUp: whether it is told first of events that it has missed; not before the reply to a request
  ///   that waited for the store.
  func goOn(
    _ connection: Connection, _ token: ConnectionTable.Token, catchesUp: Bool = true
  ) throws(SystemCallError) {
    if connection.isClosing { return close(token) }
    if catchesUp { catchUp(connection, token) }
    var now = clock.now()
    let pause = connection.conversation.goOn(executor, now: &now, reply: &reply)
    if connection.hasEnded, pause == .needsInput {
      connection.conversation.end(reply: &reply)
      connection.isClosing = true
    }
    notePartialLine(connection, token, madeProgress: true, now)
    try finishTurn(connection, token, pause)
  }

  /// Keeps the ledger up to date; false if the connection's user has more bytes held for him than he may.
  func charge(_ connection: Connection) -> Bool {
    let change = connection.bufferedBytes - connection.chargedBytes
    guard change != 0 else { return true }
    connection.chargedBytes += change
    return ledger.charge(connection.uid, change)
  }

  func watch(
    _ connection: Connection, _ token: ConnectionTable.Token, _ interest: Epoll.Interest
  ) throws(SystemCallError) {
    guard interest != connection.interest else { return }
    try epoll.modify(connection.socket.number, interest, token: token.rawValue)
    connection.interest = interest
  }

  func queue(_ connection: Connection, _ token: ConnectionTable.Token) throws(SystemCallError) {
    try watch(connection, token, [])
    addRunnable(connection, token)
  }

  func addRunnable(_ connection: Connection, _ token: ConnectionTable.Token) {
    guard !connection.isRunnable else { return }
    connection.isRunnable = true
    runnable.append(token)
  }

  private func runQueued() {
    guard !runnable.isEmpty else { return }
    swap(&runnable, &turn)
    for index in turn.indices {
      let token = turn[index]
      guard let connection = connections[token] else { continue }
      connection.isRunnable = false
      // Events may have filled its socket since; it goes on when they are sent.
      guard !connection.hasOutput else { continue }
      do throws(SystemCallError) {
        try goOn(connection, token)
      } catch {
        logger.debug("connection closed: \(error)")
        close(token)
      }
    }
    turn.removeAll(keepingCapacity: true)
  }

  func close(_ token: ConnectionTable.Token) {
    guard let connection = connections.remove(token) else { return }
    if let ticket = connection.ticket { abandon(ticket) }
    partial.remove(token.rawValue)
    closing.remove(token.rawValue)
    watchers.remove(token)
    ledger.leave(connection.uid, bufferedBytes: connection.chargedBytes)
    // The socket closes itself with the connection's last reference, and leaves epoll by that.
  }
}
