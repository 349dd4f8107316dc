internal import SessionWire

extension LocalTable {
  /// The session that an id stands for, as it is now; nothing where there is none.
  ///
  /// - Parameter sliding: whether this is a use.
  mutating func read(_ id: Name, sliding: Bool) -> LocalSession? {
    guard let found = resolve(id) else { return nil }
    if sliding { slide(found) }
    return sessions[found]
  }

  /// How many nanoseconds a session has left if nobody uses it.
  func remaining(_ id: Name) -> Int64? {
    guard let found = resolve(id), let session = sessions[found] else { return nil }
    return session.end(lifetime: settings.lifetime) - now
  }

  /// What INFO answers.
  func information(_ id: Name) -> [UInt8]? {
    guard let found = resolve(id), let session = sessions[found] else { return nil }
    var writer = JSONWriter()
    writer.beginObject()
    writer.member("version", session.version)
    writer.member("ttl", seconds: session.end(lifetime: settings.lifetime) - now)
    writer.member("idle", seconds: session.idle)
    writer.member("created", seconds: session.created + wallClockLead)
    writer.member("keys", session.fields.count)
    writer.member("bytes", session.bytes(id: found))
    writer.member("tags", strings: session.tags)
    writer.endObject()
    return writer.bytes
  }

  /// The values together with their version.
  ///
  /// - Throws: `.revoked` for an id that can only be read.
  func snapshot(_ id: Name) throws(SessionError) -> (version: Int, json: [UInt8])? {
    if closed[id]?.alias(at: now) != nil { try checkOpen(id) }
    return sessions[id].map { ($0.version, $0.json()) }
  }

  /// WHY; nothing while a session of that id lives.
  func end(of id: Name) -> SessionEnd? { sessions[id] == nil ? ends.end(of: id) : nil }

  mutating func list(prefix: String, after: Name?, limit: Int) throws(SessionError) -> SessionPage {
    try Self.check(limit: limit)
    let page = ids.page(prefix: prefix, after: after, limit: limit)
    return SessionPage(sessions: page, next: page.count == limit ? page.last : nil)
  }

  static func check(limit: Int) throws(SessionError) {
    guard (1...Limits.listMost).contains(limit) else {
      throw .syntax("LIMIT wants a number from 1 to \(Limits.listMost)")
    }
  }

  /// A request names so many keys, ids or tags at most.
  static func check(words: Int) throws(SessionError) {
    guard words <= Limits.wordsPerRequest else {
      throw .tooLarge("at most \(Limits.wordsPerRequest) names at a time")
    }
  }
}
