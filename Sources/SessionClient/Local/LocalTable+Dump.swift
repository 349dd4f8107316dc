internal import SessionWire

extension LocalTable {
  /// What DUMP answers; nothing for an id that was renamed away.
  func dump(_ id: Name) -> [UInt8]? {
    guard let session = sessions[id] else { return nil }
    var writer = LocalJSON()
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
  mutating func restore(_ dump: LocalDump) throws(SessionError) -> Int {
    let id = dump.session
    try checkOpen(id)
    if let living = sessions[id] { throw .conflict(currentVersion: living.version) }
    let idle = dump.idle ?? settings.idle
    let deadline = dump.expires.map { $0 - wallClockLead } ?? now + idle
    guard deadline > now else { throw .syntax("RESTORE: expires is in the past") }
    var session = LocalSession(
      version: 0, created: dump.created.map { $0 - wallClockLead } ?? now, idle: idle, deadline: deadline)
    session.apply(dump.data)
    session.tags = dump.tags
    try check(bytes: session.bytes(id: id), keys: session.fields.count)
    if let version = dump.version { skipVersions(to: version) }
    session.version = dump.version ?? nextVersion()
    retag(id, from: [], to: session.tags)
    ids.insert(id)
    put(session, id)
    journal.append(.set, id, version: session.version)
    return session.version
  }
}

/// What RESTORE is given, understood. Times are nanoseconds since 1970.
struct LocalDump {
  let session: Name
  var version: Int?
  var created: Int64?
  var idle: Int64?
  var expires: Int64?
  var tags: [String] = []
  var data = LocalEdits()

  /// Members that are not known are passed over.
  init(parsing json: [UInt8]) throws(SessionError) {
    var members: [String: [UInt8]] = [:]
    for (name, value) in try LocalEdits.members(of: json) { members[name] = value }
    func refusal(_ member: String) -> SessionError { .syntax("RESTORE: \(member) is missing or wrong") }
    func value<Value: Decodable>(_ name: String, _ type: Value.Type) throws(SessionError) -> Value? {
      guard let json = members[name] else { return nil }
      do throws(SessionError) {
        return try ValueCoding.decode(type, from: json)
      } catch {
        throw refusal(name)
      }
    }
    func nanoseconds(_ name: String) throws(SessionError) -> Int64? {
      guard let seconds = try value(name, Double.self) else { return nil }
      guard seconds > 0, seconds < 1e10 else { throw refusal(name) }
      return Int64((seconds * 1000).rounded()) * 1_000_000
    }
    guard let id = try value("session", String.self), let name = try? Name(session: id) else {
      throw refusal("session")
    }
    session = name
    version = try value("version", Int.self)
    if let version, version < 1 || version >= 1 << 53 { throw refusal("version") }
    created = try nanoseconds("created")
    idle = try nanoseconds("idle")
    if let idle, !Limits.ttlNanoseconds.contains(idle) { throw refusal("idle") }
    expires = try nanoseconds("expires")
    var known: Set<Name> = []
    for tag in try value("tags", [String].self) ?? [] {
      guard let name = try? Name(tag: tag) else { throw refusal("tags") }
      if known.insert(name).inserted { tags.append(tag) }
    }
    guard tags.count <= LocalTable.tagsMost else { throw .tooLarge("at most \(LocalTable.tagsMost) tags") }
    if let json = members["data"] { data = try LocalEdits(fieldsOf: json) }
  }
}
