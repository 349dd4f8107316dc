internal import SessionWire

extension LocalTable {
  /// NEW: makes a session under a random id.
  mutating func create(_ edits: LocalEdits, idle: Int64?) throws(SessionError) -> Name {
    let id = try unusedID()
    _ = try commit(id, edits, idle: idle)
    return id
  }

  private func unusedID() throws(SessionError) -> Name {
    while true {
      // Two ids of 128 random bits that are the same: not even once.
      let id = Name(try RandomID.make())
      if sessions[id] == nil, closed[id] == nil { return id }
    }
  }

  /// RENAME: the id under which the session goes on; nothing without such a session.
  ///
  /// - Parameter grace: for so many nanoseconds the old id stands for the new one.
  mutating func rename(_ id: Name, to wanted: Name?, grace: Int64?) throws(SessionError) -> Name? {
    try checkOpen(id)
    guard var session = sessions[id] else { return nil }
    let newID = if let wanted { wanted } else { try unusedID() }
    try checkOpen(newID)
    if let other = sessions[newID] { throw .conflict(currentVersion: other.version) }
    if newID.count > id.count { try check(bytes: session.bytes(id: newID), keys: session.fields.count) }
    session.version = nextVersion()
    session.deadline = now + session.idle
    session.scheduled = .max
    finish(id, .renamed, to: (newID, session.version))
    let target = grace.map { ClosedID.Target(id: newID, until: now + $0) }
    close(id, until: now + max(grace ?? 0, session.idle), target: target)
    retag(newID, from: [], to: session.tags)
    ids.insert(newID)
    put(session, newID)
    return newID
  }

  /// REVOKE: how many sessions lived.
  mutating func revoke(_ ids: [Name]) throws(SessionError) -> Int {
    try Self.check(words: ids.count)
    var count = 0
    for id in ids where revoke(id, hops: Self.hopsMost) { count += 1 }
    return count
  }

  /// Marks an id, and those that it stands for as an alias; whether a session lived.
  private mutating func revoke(_ id: Name, hops: Int) -> Bool {
    var lived = false
    if hops > 0, let target = closed[id]?.alias(at: now) { lived = revoke(target, hops: hops - 1) }
    guard let session = finish(id, .revoked) else {
      close(id, until: now + settings.idle)
      return lived
    }
    close(id, until: now + session.idle)
    return true
  }
}
