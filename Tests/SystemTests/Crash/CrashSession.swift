import SegmentAudit

/// A session as its only writer knows it: what was acknowledged, and what was asked for and not answered.
struct CrashSession {
  /// All its ids begin so.
  let name: String
  /// What it is, as far as was answered and is beyond doubt.
  private(set) var standing = CrashStanding()
  /// Its version, where the last reply told it.
  private var lastVersion: UInt64?
  /// From when on its time may be over, in seconds since the machine booted.
  private(set) var endsAfter: Double?
  /// What was asked for after that, in order.
  private var open: [Sent] = []
  /// How it stood before, for those who may go back in time.
  private var past: [Past] = []

  /// What was asked for, and when, in seconds since the machine booted.
  private struct Sent {
    let operation: CrashOperation
    let moment: Double
    /// nil: nobody knows whether it was done.
    var reply: String?
    /// Whether no more reply will come.
    var isOver = false

    /// When the session's time may be over, if this was done.
    var endsAfter: Double? { operation.endsSession.map { moment + $0 } }
  }

  private struct Past {
    let standing: CrashStanding
    /// When what made it past was acknowledged.
    let until: Double
  }

  /// The last requests and replies, for people.
  private var trail: [String] = []
  private static let trailMost = 30

  /// So many seconds are remembered.
  private static let memory = 12.0

  init(name: String) { self.name = name }

  func id(_ number: Int) -> String { "\(name).\(number)" }

  /// Notes what is about to be sent.
  ///
  /// - Returns: the request.
  mutating func sent(_ operation: CrashOperation, at now: Double) -> String {
    open.append(Sent(operation: operation, moment: now))
    let request = operation.request(standing, id: id)
    note("\(now): \(request.dropLast().prefix(80))")
    return request
  }

  private mutating func note(_ line: String) {
    trail.append(line)
    if trail.count > Self.trailMost { trail.removeFirst() }
  }

  /// Whether it is ending, or was asked to.
  var isToEnd: Bool { endsAfter != nil || open.contains { $0.endsAfter != nil } }

  /// Whether nobody can say which id it has until more is answered.
  var isMoving: Bool { open.contains(where: \.operation.movesSession) }

  /// Whether a reply said that nobody knows whether something was done.
  var isInDoubt: Bool { open.contains(where: \.isOver) }

  /// Its version, where nothing can have changed it since.
  var version: UInt64? { open.isEmpty ? lastVersion : nil }

  /// Notes an answer to the first request that has none yet.
  ///
  /// - Returns: the version, if it tells one.
  /// - Throws: for an answer that can't be right.
  mutating func answered(_ reply: String, at now: Double) throws -> UInt64? {
    guard let index = open.firstIndex(where: { !$0.isOver }) else {
      throw Failure("\(name): nothing was asked")
    }
    note("\(now): < \(reply.prefix(120))")
    // Not done for sure. The last is for a line that was being sent when the daemon was stopped.
    let isUnknown = reply.errorCode == "unavailable" && reply.contains("not known")
    if ["full", "stopping", "unavailable"].contains(reply.errorCode) && !isUnknown
      || reply.hasSuffix("it was not executed") || index > 0 && reply.errorCode != nil && !isUnknown
    {
      open.remove(at: index)
      return nil
    }
    guard index == 0, !isUnknown else {
      // What it was done to is in doubt.
      open[index].reply = isUnknown ? nil : reply
      open[index].isOver = true
      return try? reply.version
    }
    return try done(open.removeFirst(), reply, at: now)
  }

  /// Notes what was done to a session of which nothing is in doubt.
  private mutating func done(_ sent: Sent, _ reply: String, at now: Double) throws -> UInt64? {
    let operation = sent.operation
    if case .writeLate = operation {
      let isMarked = standing.closed.last?.isMarked(at: now) ?? true
      guard reply.errorCode == "revoked" || !isMarked && reply.errorCode == "conflict" else {
        throw Failure("\(name): a late write was answered by \(reply)")
      }
      return nil
    }
    past.removeAll { $0.until < now - Self.memory }
    past.append(Past(standing: standing, until: now))
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
      lastVersion = nil
    } else {
      lastVersion = try reply.version
    }
    standing = operation.applied(to: standing)
    switch operation {
    case .remove, .revoke: endsAfter = nil
    case .lengthen where reply == "OK true": endsAfter = nil
    default: endsAfter = sent.endsAfter ?? endsAfter
    }
    return lastVersion
  }

  /// Holds what a daemon has after a restart against what it may have: everything that was answered, and of
  /// what was not, each change in its turn or not at all.
  ///
  /// - Parameters:
  ///   - now: seconds since the machine booted, when the audit was made or later.
  ///   - moment: what was answered since may be undone, too; nil: nothing may.
  /// - Returns: whether something was undone.
  @discardableResult
  mutating func found(_ daemon: CrashFindings, at now: Double, maybeAsBefore moment: Double? = nil) throws
    -> Bool
  {
    var possible = standingsInDoubt()
    let isUpToDate = possible.count
    if let moment { possible += pastStandings(since: moment) }
    let ends = (open.map(\.endsAfter) + [endsAfter]).compactMap { $0 }.min()
    if let ends, ends <= now {
      for var ended in possible where ended.session != nil {
        ended.session = nil
        possible.append(ended)
      }
    }
    let match = possible.firstIndex { candidate in
      daemon.has(candidate, id: id, at: now, ignoringTTL: ends != nil || moment != nil)
    }
    guard let match else {
      throw Failure(
        "\(name): \(daemon.description(of: possible, id: id))\n  \(trail.joined(separator: "\n  "))\n  \(now): found"
      )
    }
    var found = possible[match]
    let session = daemon.sessions[id(found.number)]
    if moment == nil, let version, found.session != nil, session?.version != version {
      throw Failure("\(name) has version \(session?.version ?? 0) instead of \(version)")
    }
    // One that ended may still lie in the segment for a moment.
    lastVersion = found.session == nil ? nil : session?.version
    endsAfter = found.session == nil ? nil : ends
    // It may have been about to end when it was as it is now.
    if moment != nil, let session, session.ttl <= CrashStanding.ClosedID.seconds { endsAfter = now }
    open.removeAll()
    past.removeAll()
    note("\(now): found as it should be\(moment == nil ? "" : ", or as it was")")
    // Long over.
    found.closed.removeAll { !$0.isMarked(at: now - 20) }
    standing = found
    return moment != nil && match >= isUpToDate
  }

  /// How it stood at some time since a moment, the latest first.
  private func pastStandings(since moment: Double) -> [CrashStanding] {
    past.reversed().filter { $0.until >= moment }.flatMap { past in
      guard past.standing.session?.ttl == CrashStanding.ClosedID.seconds else { return [past.standing] }
      // So short a time may be over by now.
      var ended = past.standing
      ended.session = nil
      return [past.standing, ended]
    }
  }

  /// How it may stand: what was answered was done, and of what was not, each change in its turn or not at all.
  private func standingsInDoubt() -> [CrashStanding] {
    var possible = [standing]
    for sent in open {
      if let reply = sent.reply {
        possible = possible.filter { before in
          let expected = sent.operation.reply(from: before, id: id)
          return expected == nil || expected == reply || isToEnd
        }.map(sent.operation.applied)
      } else {
        for before in possible {
          let after = sent.operation.applied(to: before)
          if !possible.contains(after) { possible.append(after) }
        }
      }
    }
    return possible
  }

  /// After a FLUSH of which nobody knows how far it came.
  mutating func mayBeFlushed() { open.append(Sent(operation: .remove, moment: 0)) }
}
