internal import SessionWire

extension LocalTable {
  /// What DUMP answers; nothing for an id that was renamed away.
  func dump(_ id: Name) -> [UInt8]? {
    guard let session = sessions[id] else { return nil }
    var writer = JSONWriter()
    writer.beginObject()
    writer.member("session", string: id.text)
    writer.member("version", session.version)
    writer.member("created", seconds: session.created + wallClockLead)
    writer.member("idle", seconds: session.idle)
    writer.member("expires", seconds: session.end(lifetime: settings.lifetime) + wallClockLead)
    writer.member("tags", strings: session.tags)
    writer.member("data", json: session.json())
    writer.endObject()
    return writer.bytes
  }

  /// RESTORE: makes a session as it was.
  ///
  /// - Returns: its version.
  mutating func restore(_ json: [UInt8]) throws(SessionError) -> Int {
    let parsed = try ParsedRequest(.restore, json)
    guard case .restore(let range, let options) = parsed.request else { return 0 }
    let id = Name(parsed.text(range))
    let idle = options.ttlNanoseconds ?? settings.idle
    let deadline = options.expires.map { $0 - wallClockLead } ?? now + idle
    guard deadline > now else {
      throw .syntax("RESTORE: the member expires lies in the past; the session's time is over")
    }
    try checkOpen(id)
    if let living = sessions[id] { throw .conflict(currentVersion: living.version) }
    var session = LocalSession(
      version: 0, created: options.created.map { $0 - wallClockLead } ?? now, idle: idle, deadline: deadline)
    session.apply(LocalEdits(parsed.fields))
    var known: Set<Name> = []
    session.tags = parsed.words.filter { known.insert(Name($0)).inserted }
    try check(tags: session.tags.count)
    try check(bytes: session.bytes(id: id), keys: session.fields.count)
    if let version = options.version { skipVersions(to: Int(version)) }
    session.version = options.version.map { Int($0) } ?? nextVersion()
    retag(id, from: [], to: session.tags)
    ids.insert(id)
    put(session, id)
    journal.append(.set, id, version: session.version)
    return session.version
  }
}
