import SegmentAudit

/// What a daemon has after a restart.
struct CrashFindings {
  struct Session {
    let version: UInt64
    /// The idle time in seconds.
    let ttl: Int
    let tags: [String]
  }

  /// What keeps an id from being used.
  enum Mark: Equatable {
    case plain
    case alias(of: String)
    /// One of them: from outside they look alike, but for a while.
    case either
  }

  /// By id.
  let sessions: [String: Session]
  let marks: [String: Mark]
  /// What PEEK answered, by id.
  var replies: [String: String] = [:]

  init(sessions: [String: Session], marks: [String: Mark], replies: [String: String]) {
    self.sessions = sessions
    self.marks = marks
    self.replies = replies
  }

  /// What an audit found in its segment.
  init(_ report: AuditReport) {
    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    sessions = Dictionary(
      uniqueKeysWithValues: report.sessions.map { session in
        let found = Session(
          version: session.version, ttl: Int(session.ttl / 1_000_000_000), tags: session.tags.map(text))
        return (text(session.id), found)
      })
    marks = Dictionary(
      uniqueKeysWithValues: report.marks.map { mark in
        (text(mark.id), mark.newID.map { .alias(of: text($0)) } ?? .plain)
      })
  }

  /// Whether a session may stand so, and its old ids are marked whose time is not over.
  func has(_ standing: CrashStanding, id: (Int) -> String, at now: Double, ignoringTTL: Bool) -> Bool {
    let name = id(standing.number)
    let areMarked = standing.closed.allSatisfy { closed in
      guard let mark = marks[id(closed.number)] else { return !closed.isMarked(at: now) }
      return mark == .either || mark == (closed.isAlias ? .alias(of: id(closed.number + 1)) : .plain)
    }
    guard areMarked else { return false }
    guard let state = standing.session else { return replies[name] == "NIL" }
    guard replies[name] == state.reply, let found = sessions[name] else { return false }
    return found.tags == state.tags && (ignoringTTL || found.ttl == state.ttl)
  }

  /// Throws where a session is under two of its ids.
  func checkNames() throws {
    var names: Set<Substring> = []
    for id in sessions.keys {
      guard names.insert(id.prefix { $0 != "." }).inserted else {
        throw Failure("\(id) is there under another id, too")
      }
    }
  }

  func description(of possible: [CrashStanding], id: (Int) -> String) -> String {
    let numbers = Set(possible.flatMap { [$0.number] + $0.closed.map(\.number) }).sorted()
    let found = numbers.map { number in
      let name = id(number)
      let mark = marks[name].map { "marked: \($0)" } ?? "not marked"
      let session =
        sessions[name].map { "ttl \($0.ttl), tags \($0.tags), version \($0.version)" } ?? "no session"
      return "\(name): \(mark), \(session), \(replies[name]?.prefix(80) ?? "")"
    }
    let wanted = possible.map { standing in
      "\(id(standing.number)) \(standing.session?.reply.prefix(80) ?? "NIL") ttl \(standing.session?.ttl ?? 0), "
        + "tags \(standing.session?.tags ?? []), closed \(standing.closed.map(\.number))"
    }
    return
      "there is\n  \(found.joined(separator: "\n  "))\nand should be\n  \(wanted.joined(separator: "\nor "))"
  }
}
