import SegmentAudit

/// A session as its only writer knows it: what was acknowledged, and what was asked for and not answered.
struct CrashSession {
  let id: String
  /// What it is; nil: there is no such session.
  private(set) var state: CrashState?
  /// Its version, where the last reply told it.
  private(set) var version: UInt64?
  /// Whether its time may be over at any moment.
  private(set) var isEnding = false
  private var unanswered: [CrashOperation] = []

  init(id: String) { self.id = id }

  mutating func sent(_ operation: CrashOperation) { unanswered.append(operation) }

  /// Whether it is ending, or was asked to.
  var isToEnd: Bool { isEnding || unanswered.contains(where: \.endsTheSession) }

  /// Notes an answer to the first request that has none yet.
  ///
  /// - Returns: the version, if it tells one.
  /// - Throws: for an answer that can't be right.
  mutating func answered(_ reply: String) throws -> UInt64? {
    let operation = unanswered.removeFirst()
    // Refused: nothing was changed. The last is for a line that was being sent when the daemon was stopped.
    if ["full", "stopping"].contains(reply.errorCode) || reply.hasSuffix("it was not executed") {
      return nil
    }
    if let expected = operation.reply(from: state) {
      if reply != expected {
        // The time of one that is ending was over when the request came.
        guard isEnding, reply == operation.reply(from: nil) else {
          throw Failure("\(operation.request(id).prefix(60)): \(reply.prefix(80)) instead of \(expected)")
        }
        state = nil
      }
      version = nil
    } else {
      version = try reply.version
    }
    state = operation.applied(to: state)
    if operation.endsTheSession { isEnding = true }
    if case .remove = operation { isEnding = false }
    return version
  }

  /// Holds what a daemon has after a restart against what it may have: everything that was answered, and of
  /// what was not, each change in its turn or not at all.
  mutating func found(_ reply: String, _ audited: AuditedSession?) throws {
    var possible: [CrashState?] = [state]
    for operation in unanswered {
      for before in possible {
        let after = operation.applied(to: before)
        if !possible.contains(after) { possible.append(after) }
      }
    }
    isEnding = isToEnd
    if isEnding, !possible.contains(nil) { possible.append(nil) }
    let seconds = audited.map { Int($0.ttl / 1_000_000_000) }
    let match = possible.first { candidate in
      guard let candidate else { return reply == "NIL" }
      return reply == candidate.reply && (isEnding || seconds == candidate.ttl)
    }
    guard let match else {
      throw Failure(
        "\(id) is \(reply.prefix(80)), ttl \(seconds ?? 0), and should be "
          + possible.map { "\($0?.reply.prefix(80) ?? "NIL") ttl \($0?.ttl ?? 0)" }.joined(separator: " or "))
    }
    if match != nil, audited == nil { throw Failure("\(id) is not in the segment, and is answered with") }
    if let version, unanswered.isEmpty, match != nil, audited?.version != version {
      throw Failure("\(id) has version \(audited?.version ?? 0) instead of \(version)")
    }
    state = match
    // One that ended may still lie in the segment for a moment.
    version = match == nil ? nil : audited?.version
    unanswered.removeAll()
    if match == nil { isEnding = false }
  }

  /// After a FLUSH of which nobody knows how far it came.
  mutating func mayBeFlushed() { unanswered.append(.remove) }
}
