import SegmentAudit

/// A session as its only writer knows it: what was acknowledged, and what was asked for and not answered.
struct CrashSession {
  /// All its ids begin so.
  let name: String
  /// What it is, as far as was answered.
  private(set) var standing = CrashStanding()
  /// Its version, where the last reply told it.
  private(set) var version: UInt64?
  /// From when on its time may be over, in seconds since the machine booted.
  private(set) var endsAfter: Double?
  private var unanswered: [Sent] = []

  /// What was asked for, and when, in seconds since the machine booted.
  private struct Sent {
    let operation: CrashOperation
    let moment: Double

    /// When the session's time may be over, if this was done.
    var endsAfter: Double? { operation.endsSession.map { moment + $0 } }
  }

  init(name: String) { self.name = name }

  func id(_ number: Int) -> String { "\(name).\(number)" }

  /// Notes what is about to be sent.
  ///
  /// - Returns: the request.
  mutating func sent(_ operation: CrashOperation, at now: Double) -> String {
    unanswered.append(Sent(operation: operation, moment: now))
    return operation.request(standing, id: id)
  }

  /// Whether it is ending, or was asked to.
  var isToEnd: Bool { endsAfter != nil || unanswered.contains { $0.endsAfter != nil } }

  /// Whether nobody can say which id it has until more is answered.
  var isMoving: Bool { unanswered.contains(where: \.operation.movesSession) }

  /// Notes an answer to the first request that has none yet.
  ///
  /// - Returns: the version, if it tells one.
  /// - Throws: for an answer that can't be right.
  mutating func answered(_ reply: String, at now: Double) throws -> UInt64? {
    let sent = unanswered.removeFirst()
    let operation = sent.operation
    // Refused: nothing was changed. The last is for a line that was being sent when the daemon was stopped.
    if ["full", "stopping"].contains(reply.errorCode) || reply.hasSuffix("it was not executed") {
      return nil
    }
    if case .writeLate = operation {
      let isMarked = standing.closed.last?.isMarked(at: now) ?? true
      guard reply.errorCode == "revoked" || !isMarked && reply.errorCode == "conflict" else {
        throw Failure("\(name): a late write was answered by \(reply)")
      }
      return nil
    }
    if let expected = operation.reply(from: standing, id: id) {
      if reply != expected {
        var ended = standing
        ended.session = nil
        // The time of one that is ending was over when the request came.
        guard let endsAfter, endsAfter <= now, reply == operation.reply(from: ended, id: id) else {
          throw Failure(
            "\(operation.request(standing, id: id).prefix(60)): \(reply.prefix(80)) instead of \(expected)")
        }
        standing = ended
      }
      version = nil
    } else {
      version = try reply.version
    }
    standing = operation.applied(to: standing)
    switch operation {
    case .remove, .revoke: endsAfter = nil
    case .lengthen where reply == "OK true": endsAfter = nil
    default: endsAfter = sent.endsAfter ?? endsAfter
    }
    return version
  }

  /// Holds what a daemon has after a restart against what it may have: everything that was answered, and of
  /// what was not, each change in its turn or not at all.
  ///
  /// - Parameter now: seconds since the machine booted, when the audit was made or later.
  mutating func found(_ daemon: CrashFindings, at now: Double) throws {
    var possible = [standing]
    for sent in unanswered {
      for before in possible {
        let after = sent.operation.applied(to: before)
        if !possible.contains(after) { possible.append(after) }
      }
    }
    let ends = (unanswered.map(\.endsAfter) + [endsAfter]).compactMap { $0 }.min()
    if let ends, ends <= now {
      for var ended in possible where ended.session != nil {
        ended.session = nil
        possible.append(ended)
      }
    }
    let match = possible.first { candidate in
      daemon.has(candidate, id: id, at: now, ignoringTTL: ends != nil)
    }
    guard var match else {
      throw Failure("\(name): \(daemon.description(of: possible, id: id))")
    }
    let audited = daemon.sessions[id(match.number)]
    if let version, unanswered.isEmpty, match.session != nil, audited?.version != version {
      throw Failure("\(name) has version \(audited?.version ?? 0) instead of \(version)")
    }
    // One that ended may still lie in the segment for a moment.
    version = match.session == nil ? nil : audited?.version
    endsAfter = match.session == nil ? nil : ends
    unanswered.removeAll()
    // Long over.
    match.closed.removeAll { !$0.isMarked(at: now - 20) }
    standing = match
  }

  /// After a FLUSH of which nobody knows how far it came.
  mutating func mayBeFlushed() { unanswered.append(Sent(operation: .remove, moment: 0)) }
}
