internal import SessionWire

extension Pipeline {
  /// Why a connection is over.
  enum End {
    /// The other side closed it. A closed connection executes nothing any more, so that a request sent
    /// again can't be overtaken by its first copy.
    case lost
    /// The daemon had not taken it in the first place. Nothing was executed.
    case turnedAway
    /// It had to be given up, since the replies made no sense.
    case violation(String)
    /// The client is closed.
    case closed
  }

  /// Sorts out the requests of a connection that is over: what may go out again stands first in line for
  /// the next connection, in the old order, and everyone else is told.
  mutating func disconnect(_ end: End, waitUntil connectBy: Instant) -> [Settlement] {
    var settlements: [Settlement] = []
    var again: [PendingRequest] = []
    for request in sent.takeAll() where !request.isSettled {
      if let error = failure(of: request, at: end) {
        settle(request, .failure(error), into: &settlements)
      } else {
        again.append(request)
      }
    }
    // Deadlines show which was asked first: postponed ones were sent before those still in `sent`.
    again = postponed.takeAll().filter { !$0.isSettled } + again + unsent.takeAll().filter { !$0.isSettled }
    for request in again {
      // The next daemon may want to hear something else.
      if request.errand != nil {
        settle(request, .failure(.disconnected(mayHaveBeenApplied: false)), into: &settlements)
        continue
      }
      request.stage = .unsent
      request.connectBy = connectBy
      unsent.append(request)
    }
    headOffset = 0
    unawaitedPrefix = 0
    isDraining = false
    isFresh = true
    return settlements
  }

  /// The error for a request that was sent and got no reply, or nothing if it may be sent again.
  private func failure(of request: PendingRequest, at end: End) -> SessionError? {
    switch end {
    case .lost:
      if request.repetition != .never, request.timesSent < Self.sendsMax { return nil }
      return .disconnected(mayHaveBeenApplied: request.repetition != .read)
    case .turnedAway:
      request.timesSent -= 1
      return nil
    case .violation(let detail):
      return .protocolViolation(detail, mayHaveBeenApplied: request.repetition != .read)
    case .closed:
      return request.repetition == .read ? .closed : .disconnected(mayHaveBeenApplied: true)
    }
  }

  /// Fails everything that still waits, since the client is closed.
  mutating func close() -> [Settlement] {
    var settlements = disconnect(.closed, waitUntil: .now)
    for request in unsent.takeAll() {
      // Of a repeatable write a copy may have gone out on an earlier connection.
      let mayHaveBeenApplied = request.repetition != .read && request.timesSent > 0
      settle(
        request, .failure(mayHaveBeenApplied ? .disconnected(mayHaveBeenApplied: true) : .closed),
        into: &settlements)
    }
    return settlements
  }
}

// MARK: - Time

extension Pipeline {
  /// Fails the requests whose time is over. Without a connection, also those that waited long enough for
  /// one: they get `unreachable`.
  mutating func expire(at now: Instant, unreachable: SessionError?) -> [Settlement] {
    var settlements: [Settlement] = []
    while unawaitedPrefix < sent.count {
      let request = sent[unawaitedPrefix]
      guard expire(request, at: now, into: &settlements) else { break }
      unawaitedPrefix += 1
    }
    expire(postponed, at: now, into: &settlements)
    expire(unsent, at: now, into: &settlements)
    if let unreachable {
      var position = 0
      while position < unsent.count, !unsent[position].isAwaited || unsent[position].connectBy <= now {
        let request = unsent[position]
        position += 1
        guard request.isAwaited else { continue }
        // Of a repeatable write, a copy may have gone out on an earlier connection.
        let mayHaveBeenApplied = request.repetition != .read && request.timesSent > 0
        let error = mayHaveBeenApplied ? SessionError.disconnected(mayHaveBeenApplied: true) : unreachable
        settle(request, .failure(error), into: &settlements)
      }
    }
    dropGivenUp()
    while let head = postponed.first, head.isSettled { _ = postponed.popFirst() }
    return settlements
  }

  private mutating func expire(
    _ queue: Queue<PendingRequest>, at now: Instant, into settlements: inout [Settlement]
  ) {
    var position = 0
    while position < queue.count, expire(queue[position], at: now, into: &settlements) { position += 1 }
  }

  /// Fails a request whose time is over; whether nobody waits for it now.
  private mutating func expire(
    _ request: PendingRequest, at now: Instant, into settlements: inout [Settlement]
  ) -> Bool {
    guard request.isAwaited else { return true }
    guard request.deadline <= now else { return false }
    settle(request, .failure(timeout(of: request)), into: &settlements)
    return true
  }

  private func timeout(of request: PendingRequest) -> SessionError {
    let isPartlySent = headOffset > 0 && unsent.first === request
    return .timedOut(
      mayHaveBeenApplied: request.repetition != .read && (request.timesSent > 0 || isPartlySent))
  }

  /// When the next caller's time is over.
  func nextExpiry(isConnected: Bool) -> Instant? {
    var expiries: [Instant] = []
    if let request = Self.firstAwaited(in: sent, from: unawaitedPrefix) { expiries.append(request.deadline) }
    if let request = Self.firstAwaited(in: postponed, from: 0) { expiries.append(request.deadline) }
    if let request = Self.firstAwaited(in: unsent, from: 0) {
      expiries.append(isConnected ? request.deadline : min(request.deadline, request.connectBy))
    }
    return expiries.min()
  }

  private static func firstAwaited(in queue: Queue<PendingRequest>, from start: Int) -> PendingRequest? {
    var position = start
    while position < queue.count {
      let request = queue[position]
      if request.isAwaited { return request }
      position += 1
    }
    return nil
  }
}
