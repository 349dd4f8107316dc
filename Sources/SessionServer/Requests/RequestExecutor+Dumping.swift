import SessionCache
import SessionSegment
import SessionWire
import SystemCalls

/// Sessions on their way to a file and back: DUMP RESTORE.
extension RequestExecutor {
  /// All of one moment. Not under an id that the session had before: a dump tells of each session once.
  func dump(_ bytes: Span<UInt8>, _ session: Range<Int>, _ now: Int64, _ reply: inout [UInt8]) {
    let id = bytes.extracting(session)
    let found: Bool? = cache.inspect(id, at: now, followsAliases: false) { information, record in
      reply.append(contentsOf: #"OK {"session":"#.utf8)
      reply.appendQuoted(id)
      reply.append(contentsOf: #","version":"#.utf8)
      reply.appendDecimal(information.version)
      reply.append(contentsOf: #","created":"#.utf8)
      reply.appendSeconds(wallClock.time(of: now - information.age))
      reply.append(contentsOf: #","idle":"#.utf8)
      reply.appendSeconds(information.ttl)
      reply.append(contentsOf: #","expires":"#.utf8)
      reply.appendSeconds(wallClock.time(of: now + information.remaining))
      reply.append(contentsOf: #","tags":"#.utf8)
      reply.appendTags(of: record)
      reply.append(contentsOf: #","data":"#.utf8)
      Self.appendObject(record, to: &reply) { _ in true }
      reply.append(contentsOf: "}\n".utf8)
      return true
    }
    // Under an old id the dump is of no session, wherever the new one leads.
    if found == nil { appendNil(id, now, followsAliases: false, &reply) }
  }

  func restore(
    _ bytes: Span<UInt8>, _ session: Range<Int>, _ given: Request.Restoration, _ now: Int64,
    _ reply: inout [UInt8]
  ) throws(RequestError) {
    let created = given.created.map { min(wallClock.moment(of: $0), now) }
    let deadline = given.expires.map { wallClock.moment(of: $0) }
    if let deadline, deadline <= now {
      throw RequestError(.syntax, "RESTORE: the member expires lies in the past; the session's time is over")
    }
    let lifetime = cache.settings.lifetime
    if let created, lifetime > 0, created &+ lifetime <= now {
      throw RequestError(
        .syntax, "RESTORE: the member created lies back more than a lifetime; the session's time is over")
    }
    edits.removeAll()
    for field in parser.fields { edits.add(key: field.key, value: field.value, in: bytes) }
    let options = SessionCache.RestoreOptions(
      version: given.version, created: created, ttl: given.ttlNanoseconds, deadline: deadline,
      tags: parser.words)
    let version = try refusing { () throws(CacheError) in
      try cache.restore(bytes.extracting(session), &edits, of: bytes, options, at: now, plan: plan)
    }
    reply.appendOK(version)
  }
}

extension [UInt8] {
  /// A JSON array of a session's tags.
  mutating func appendTags(of record: borrowing RecordView) {
    append(UInt8(ascii: "["))
    var isFirst = true
    record.forEachTag { tag in
      if !isFirst { append(UInt8(ascii: ",")) }
      isFirst = false
      appendQuoted(tag.bindMemory(to: UInt8.self).span)
    }
    append(UInt8(ascii: "]"))
  }
}
