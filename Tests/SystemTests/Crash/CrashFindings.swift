import SegmentAudit

/// What a daemon has after a restart.
struct CrashFindings {
  /// What an audit found in its segment, by id.
  let sessions: [String: AuditedSession]
  let marks: [String: AuditedMark]
  /// What PEEK answered, by id.
  var replies: [String: String] = [:]

  init(_ report: AuditReport) {
    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    sessions = Dictionary(uniqueKeysWithValues: report.sessions.map { (text($0.id), $0) })
    marks = Dictionary(uniqueKeysWithValues: report.marks.map { (text($0.id), $0) })
  }

  /// Whether a session may stand so, and its old ids are marked whose time is not over.
  func has(_ standing: CrashStanding, id: (Int) -> String, at now: Double, ignoringTTL: Bool) -> Bool {
    let name = id(standing.number)
    let areMarked = standing.closed.allSatisfy { closed in
      guard let mark = marks[id(closed.number)] else { return !closed.isMarked(at: now) }
      return closed.isAlias ? mark.newID == Array(id(closed.number + 1).utf8) : mark.newID == nil
    }
    guard areMarked else { return false }
    guard let state = standing.session else { return replies[name] == "NIL" }
    guard replies[name] == state.reply, let audited = sessions[name] else { return false }
    return audited.tags == state.tags.map { Array($0.utf8) }
      && (ignoringTTL || audited.ttl / 1_000_000_000 == state.ttl)
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
      let mark = marks[name].map { "marked\($0.newID == nil ? "" : ", an alias")" } ?? "not marked"
      let audited =
        sessions[name].map { "ttl \($0.ttl / 1_000_000_000), \($0.tags.count) tags" } ?? "no session"
      return "\(name): \(mark), \(audited), \(replies[name]?.prefix(80) ?? "")"
    }
    let wanted = possible.map { standing in
      "\(id(standing.number)) \(standing.session?.reply.prefix(80) ?? "NIL") ttl \(standing.session?.ttl ?? 0), "
        + "tags \(standing.session?.tags ?? []), closed \(standing.closed.map(\.number))"
    }
    return
      "there is\n  \(found.joined(separator: "\n  "))\nand should be\n  \(wanted.joined(separator: "\nor "))"
  }
}
