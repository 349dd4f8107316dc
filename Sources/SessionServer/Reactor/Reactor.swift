import Glibc
import Logging
import SessionCache
import SessionWire
import SystemCalls

/// One thread that serves its share of the connections.
///
/// It waits in epoll, level-triggered, with a token for each connection. A readable connection gets one
/// read of at most 16 KiB a turn, into a buffer that all of them share; its whole lines are executed,
/// and all their replies go out with one send. What is left of a line is kept by the connection.
///
/// A connection is watched either for reading or for writing. While replies wait to be sent it is not
/// read, so the bytes that it can make the daemon hold are bounded: a line and its reply. One with more
/// to do than a turn allows queues up behind the others (`runnable`).
///
/// Only this thread touches its connections. Others talk to it through the mailbox.
final class Reactor {
  private static let wakeToken = ConnectionTable.Token(rawValue: 0)
  private static let readBytes = 16 * 1024
  /// A reply buffer that grew past this is let go again.
  private static let keptReplyBytes = 1 << 20

  let mailbox: ReactorMailbox
  private let epoll: Epoll
  let executor: RequestExecutor
  private let progress: Progress
  private let ledger: ConnectionLedger
  let statistics: ReactorStatistics
  private var roles: RoleRules
  let clock: BootClock
  private let calls: SocketCalls
  private let stall: TestStall?
  let logger: Logger
  var limits: ReactorLimits
  var connections = ConnectionTable()
  private var runnable: [ConnectionTable.Token] = []
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
  var isDraining = false
  private var isOver = false

  init(
    mailbox: ReactorMailbox, executor: RequestExecutor, progress: Progress, ledger: ConnectionLedger,
    statistics: ReactorStatistics, roles: RoleRules, clock: BootClock, calls: SocketCalls,
    stall: TestStall?,
    limits: ReactorLimits, logger: Logger
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
    self.limits = limits
    self.logger = logger
    watchers = WatcherTable(seed: executor.cache.hashSeed)
    executor.listener = EventListener { mailbox.signal.raise() }
    epoll = try Epoll()
    try epoll.add(mailbox.signal.number, .read, token: Self.wakeToken.rawValue)
    reply.bytes.reserveCapacity(64 * 1024)
  }

  /// Serves until the daemon goes down and the last connection is closed.
  func run() throws(SystemCallError) {
    while !(isDraining && connections.count == 0) && !isOver {
      try epoll.wait(milliseconds: waitMilliseconds()) { event in
        let token = ConnectionTable.Token(rawValue: event.token)
        if token == Self.wakeToken { handleMail() } else { handle(event, token) }
      }
      progress.answer()
      stall?.blockIfDue(.reactor, at: clock.now())
      runQueued()
      sendEvents()
      dropSlow()
      dropOverdue()
    }
    for token in connections.tokens { close(token) }
  }

  private func waitMilliseconds() -> Int32? {
    if !runnable.isEmpty || hasMoreEvents { return 0 }
    let moment = min(nextSlowCheck, parked.nextCheck, stall?.moment ?? .max)
    guard moment != .max else { return nil }
    return Int32(clamping: max(0, moment - clock.now()) / 1_000_000 + 1)
  }

  // MARK: Mail

  private func handleMail() {
    let mail = mailbox.collect()
    // Before the arrivals: some of them may have come after the change.
    if let roles = mail.roles { self.roles = roles }
    for arrival in mail.arrivals { welcome(arrival) }
    if let limits = mail.limits {
      self.limits = limits
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
    var now = clock.now()
    let before = connection.conversation.linesTaken
    let pause = connection.conversation.take(&buffer, count: count, executor, now: &now, reply: &reply)
    notePartialLine(connection, token, madeProgress: connection.conversation.linesTaken != before, now)
    try finishTurn(connection, token, pause)
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

  func finishTurn(
    _ connection: Connection, _ token: ConnectionTable.Token, _ pause: Conversation.Pause
  ) throws(SystemCallError) {
    noteWatch(connection, token)
    if case .requestIsParked(let ticket) = pause { park(connection, token, ticket) }
    defer {
      resetReply()
      // Not this thread's own, which looks for events once it has been round.
      executor.cache.events.wakeListeners(but: executor.listener)
    }
    try connection.send(&reply, executor.segment)
    guard charge(connection) else {
      statistics.count(statistics.dropped)
      return close(token)
    }
    if pause == .closing { connection.isClosing = true }
    if connection.hasOutput { return try watch(connection, token, .write) }
    if connection.isClosing { return close(token) }
    switch pause {
    case .needsInput:
      try watch(connection, token, .read)
      if connection.notedWatch?.isBehind == true { addRunnable(connection, token) }
    case .replyIsLong, .turnIsOver, .requestIsLong: try queue(connection, token)
    case .requestIsParked: try watch(connection, token, [])
    case .closing: close(token)
    }
  }

  /// Keeps the ledger up to date; false if the connection's user has more bytes held for him than he may.
  func charge(_ connection: Connection) -> Bool {
    let change = connection.bufferedBytes - connection.chargedBytes
    guard change != 0 else { return true }
    connection.chargedBytes += change
    return ledger.charge(connection.uid, change)
  }

  func resetReply() {
    if reply.bytes.capacity > Self.keptReplyBytes {
      reply = ReplyBatch()
      reply.bytes.reserveCapacity(64 * 1024)
    } else {
      reply.removeAll(keepingCapacity: true)
    }
  }

  func watch(
    _ connection: Connection, _ token: ConnectionTable.Token, _ interest: Epoll.Interest
  ) throws(SystemCallError) {
    guard interest != connection.interest else { return }
    try epoll.modify(connection.socket.number, interest, token: token.rawValue)
    connection.interest = interest
  }

  private func queue(_ connection: Connection, _ token: ConnectionTable.Token) throws(SystemCallError) {
    try watch(connection, token, [])
    addRunnable(connection, token)
  }

  private func addRunnable(_ connection: Connection, _ token: ConnectionTable.Token) {
    guard !connection.isRunnable else { return }
    connection.isRunnable = true
    runnable.append(token)
  }

  private func runQueued() {
    let turn = runnable
    runnable.removeAll(keepingCapacity: true)
    for token in turn {
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
