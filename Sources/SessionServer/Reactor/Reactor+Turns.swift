import Logging
import SessionCache
import SystemCalls

/// The ends of turns: replies are sent, and what comes next is settled.
///
/// Turns that follow each other are ended together, since whoever is woken by a first reply while others are still
/// worked out falls asleep again between them.
extension Reactor {
  /// A turn that is to be ended.
  struct OpenTurn {
    let connection: Connection
    let token: ConnectionTable.Token
    var reply: ReplyBatch
  }

  /// So many turns are ended together at most.
  static let openTurnsMost = 16
  /// Nanoseconds for which a first reply waits for others, but for the last of them.
  static let openNanosecondsMost: Int64 = 100_000
  /// A longer reply is sent by itself.
  private static let sharedReplyBytes = 64 * 1024
  /// Spare batches have room for no more.
  private static let spareReplyBytes = 128 * 1024
  /// A reply buffer that grew past this is let go again.
  private static let keptReplyBytes = 1 << 20

  /// A connection wants more input, so that its turn is over; it is ended with others, before anything else is done with
  /// the connection. One with a long reply is ended now, and all of them once the first has waited for a while.
  func endTurnSoon(
    _ connection: Connection, _ token: ConnectionTable.Token, _ now: Int64
  ) throws(SystemCallError) {
    guard reply.bytes.count <= Self.sharedReplyBytes else {
      return try finishTurn(connection, token, .needsInput)
    }
    if openTurns.isEmpty { firstOpened = now }
    var filled = spareReplies.popLast() ?? ReplyBatch()
    swap(&filled, &reply)
    openTurns.append(OpenTurn(connection: connection, token: token, reply: consume filled))
    if openTurns.count == Self.openTurnsMost || now - firstOpened >= Self.openNanosecondsMost { endTurns() }
  }

  func endTurns() {
    guard !openTurns.isEmpty else { return }
    for index in openTurns.indices {
      // Not all of it at once: its reply would be copied as soon as it is changed.
      let (connection, token) = (openTurns[index].connection, openTurns[index].token)
      swap(&openTurns[index].reply, &reply)
      do throws(SystemCallError) {
        try finishTurn(connection, token, .needsInput)
      } catch {
        logger.debug("connection closed: \(error)")
        close(token)
      }
      swap(&openTurns[index].reply, &reply)
      keep(&openTurns[index].reply)
    }
    openTurns.removeAll(keepingCapacity: true)
  }

  /// Keeps a batch for its room: a small one among the spare ones, the largest one for the next turn.
  private func keep(_ batch: inout ReplyBatch) {
    if batch.bytes.capacity > reply.bytes.capacity { swap(&batch, &reply) }
    if batch.bytes.capacity <= Self.spareReplyBytes { spareReplies.append(batch) }
  }

  func finishTurn(
    _ connection: Connection, _ token: ConnectionTable.Token, _ pause: Conversation.Pause
  ) throws(SystemCallError) {
    noteWatch(connection, token)
    if case .requestIsParked(let ticket) = pause { park(connection, token, ticket) }
    defer {
      resetReply()
      // Not this thread's own, which looks for events once it has been round.
      events.wakeListeners(but: ownListener)
    }
    try connection.send(&reply, segment)
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

  func resetReply() {
    if reply.bytes.capacity > Self.keptReplyBytes {
      reply = ReplyBatch()
      reply.bytes.reserveCapacity(64 * 1024)
    } else {
      reply.removeAll(keepingCapacity: true)
    }
  }
}
