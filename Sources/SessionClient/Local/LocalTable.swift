internal import Glibc
internal import SessionWire

/// What a daemon keeps, in the plainest form: dictionaries, and times compared one by one. Pure but for its
/// random ids: it is told what time it is.
struct LocalTable {
  struct Settings {
    /// The idle time of a session that names none, in nanoseconds.
    var idle: Int64
    /// The bound from a session's creation that no use passes, in nanoseconds; 0: none.
    var lifetime: Int64
    var sessionBytesMost: Int
  }

  let settings: Settings
  /// Nanoseconds since the clock's beginning, as of the last `turn`.
  private(set) var now: Int64 = 0
  /// What to add to `now` for nanoseconds since 1970.
  private(set) var wallClockLead: Int64
  private(set) var sessions: [Name: LocalSession] = [:]
  private(set) var closed: [Name: ClosedID] = [:]
  private(set) var dues = DueQueue()
  private var lastVersion = 0
  /// The ids of all sessions, and those of each tag.
  var ids = NameSet()
  var tagged: [Name: NameSet] = [:]
  private(set) var ends = EndLog()
  var journal: LocalJournal

  init(_ settings: Settings, now: Int64, wallClockLead: Int64) {
    self.now = now
    self.settings = settings
    self.wallClockLead = wallClockLead
    journal = LocalJournal(last: Int((now + wallClockLead) / 1000))
  }

  /// Moves the clock, and ends what is over by then.
  mutating func turn(to moment: Int64) {
    now = max(now, moment)
    while let due = dues.first, due.moment <= now {
      dues.removeFirst()
      if let session = sessions[due.id], session.scheduled == due.moment {
        let end = session.end(lifetime: settings.lifetime)
        if end <= now {
          finish(due.id, session.deadline <= end ? .idle : .lifetime, at: end)
        } else {
          schedule(due.id, isOver: true)
        }
      } else if let closed = closed[due.id], closed.scheduled == due.moment {
        if closed.until <= now { self.closed[due.id] = nil } else { schedule(due.id, isOver: true) }
      }
    }
  }

  /// Has the queue ask for an id at its end.
  ///
  /// - Parameter isOver: whether the moment that it was queued for has come.
  private mutating func schedule(_ id: Name, isOver: Bool = false) {
    if let session = sessions[id] {
      let end = session.end(lifetime: settings.lifetime)
      guard isOver || end < session.scheduled else { return }
      sessions[id]?.scheduled = end
      dues.add(.init(moment: end, id: id))
    } else if let entry = closed[id] {
      guard isOver || entry.until < entry.scheduled else { return }
      closed[id]?.scheduled = entry.until
      dues.add(.init(moment: entry.until, id: id))
    }
    // Sessions that ended early leave their dues behind.
    guard dues.count > 2 * (sessions.count + closed.count) + 64 else { return }
    dues = DueQueue(
      sessions.map { .init(moment: $0.value.scheduled, id: $0.key) }
        + closed.map { .init(moment: $0.value.scheduled, id: $0.key) })
  }

  // MARK: Finding

  /// Aliases of aliases are followed so far.
  static let hopsMost = 64

  /// The id of the living session that an id stands for.
  func resolve(_ id: Name) -> Name? {
    var id = id
    for _ in 0...Self.hopsMost {
      if sessions[id] != nil { return id }
      guard let target = closed[id]?.alias(at: now) else { return nil }
      id = target
    }
    return nil
  }

  /// Throws where an id can't be written to.
  func checkOpen(_ id: Name) throws(SessionError) {
    guard let closed = closed[id] else { return }
    throw .revoked(
      closed.alias(at: now) != nil ? "it goes on under another id, and this one can only be read" : "")
  }

  // MARK: Changing

  /// Changes a session, or makes it, all or nothing: gives it a new version, and slides the time to live.
  ///
  /// - Parameter idle: the session's own from now on, if it is to change.
  mutating func commit(
    _ id: Name, _ edits: LocalEdits = LocalEdits(), tags: [String]? = nil, idle: Int64? = nil,
    mayBeTooLarge: Bool = false
  ) throws(SessionError) -> Int {
    let isNew = sessions[id] == nil
    var session = LocalSession(version: 0, created: now, idle: settings.idle, deadline: now)
    if let old = sessions[id] { session = old }
    let growth = edits.growth(of: session)
    let tagGrowth = Self.bytes(tags ?? session.tags) - Self.bytes(session.tags)
    if !mayBeTooLarge {
      try check(
        bytes: session.bytes(id: id) + growth.bytes + tagGrowth, keys: session.fields.count + growth.keys)
    }
    // From here on this is the only copy, so that it is changed in place.
    sessions[id] = nil
    session.apply(edits)
    if let tags {
      retag(id, from: session.tags, to: tags)
      session.tags = tags
    }
    session.version = nextVersion()
    session.idle = idle ?? session.idle
    session.deadline = now + session.idle
    if isNew { ids.insert(id) }
    put(session, id)
    journal.append(.set, id, version: session.version)
    return session.version
  }

  private static func bytes(_ tags: [String]) -> Int { tags.reduce(0) { $0 + 1 + $1.utf8.count } }

  func check(bytes: Int, keys: Int) throws(SessionError) {
    guard bytes <= settings.sessionBytesMost else {
      throw .tooLarge("the session would have \(bytes) bytes; the most is \(settings.sessionBytesMost)")
    }
    guard keys <= Limits.keysPerSession else {
      throw .tooLarge("the session would have \(keys) keys; the most is \(Limits.keysPerSession)")
    }
  }

  mutating func nextVersion() -> Int {
    lastVersion += 1
    return lastVersion
  }

  /// No version up to this one is given out from now on.
  mutating func skipVersions(to version: Int) { lastVersion = max(lastVersion, version) }

  /// Stores a session as it is.
  mutating func put(_ session: LocalSession, _ id: Name) {
    sessions[id] = session
    schedule(id)
  }

  /// Starts the idle time anew, from now on another one where it is given.
  mutating func slide(_ id: Name, to idle: Int64? = nil) {
    guard let idle else {
      sessions[id]?.slide(at: now)
      return
    }
    sessions[id]?.idle = idle
    sessions[id]?.deadline = now + idle
    schedule(id)
  }

  mutating func retag(_ id: Name, from old: [String], to new: [String]) {
    for tag in old where !new.contains(tag) {
      tagged[Name(tag)]?.remove(id)
      if tagged[Name(tag)]?.isEmpty == true { tagged[Name(tag)] = nil }
    }
    for tag in new { tagged[Name(tag), default: NameSet()].insert(id) }
  }

  /// Takes a session out.
  mutating func take(_ id: Name) -> LocalSession? {
    guard let session = sessions.removeValue(forKey: id) else { return nil }
    retag(id, from: session.tags, to: [])
    ids.remove(id)
    return session
  }

  /// Ends a session.
  ///
  /// - Parameters:
  ///   - moment: when it ended, if that is not now.
  ///   - newID: with `.renamed`, where it goes on, and the version that it has there.
  @discardableResult
  mutating func finish(
    _ id: Name, _ cause: SessionEnd.Cause, at moment: Int64? = nil, to newID: (id: Name, version: Int)? = nil
  ) -> LocalSession? {
    guard let session = take(id) else { return nil }
    let isByItself = cause == .idle || cause == .lifetime
    ends.note(
      id,
      SessionEnd(
        ended: cause, at: Double(((moment ?? now) + wallClockLead) / 1_000_000) / 1000,
        uid: isByItself ? nil : Int(getuid()), pid: isByItself ? nil : Int(getpid())))
    journal.append(
      Self.event(of: cause), id, version: newID?.version ?? session.version, newSession: newID?.id)
    return session
  }

  private static func event(of cause: SessionEnd.Cause) -> SessionEvent.Kind {
    switch cause {
    case .idle, .lifetime: .expire
    case .renamed: .rename
    case .revoked: .revoke
    default: .delete
    }
  }

  /// Keeps an id from being used, for as long as anything says so.
  mutating func close(_ id: Name, until moment: Int64, target: ClosedID.Target? = nil) {
    var entry = closed[id] ?? ClosedID(until: moment)
    entry.until = max(entry.until, moment)
    entry.target = target
    closed[id] = entry
    schedule(id)
  }
}
