import SessionCache
import SessionSegment
import SessionWire
import SystemCalls

/// Commands that change no data: GET PEEK MGET TTL INFO LIST.
extension RequestExecutor {
  func get(
    _ bytes: Span<UInt8>, _ session: Range<Int>, _ key: Range<Int>?, _ now: Int64, sliding: Bool,
    _ reply: inout [UInt8]
  ) {
    let found = cache.read(bytes.extracting(session), at: now, sliding: sliding) { record in
      guard let key else {
        reply.appendOKPrefix()
        Self.appendObject(record, to: &reply) { _ in true }
        return true
      }
      return record.withValue(of: bytes.extracting(key)) { value in
        reply.appendOKPrefix()
        reply.append(value)
        return true
      } ?? false
    }
    finishRead(found, bytes.extracting(session), now, &reply)
  }

  func getMany(
    _ bytes: Span<UInt8>, _ session: Range<Int>, _ now: Int64, sliding: Bool, _ reply: inout [UInt8]
  ) {
    edits.removeAll()
    for key in parser.words { edits.add(key: key, value: nil, in: bytes) }
    let found = cache.read(bytes.extracting(session), at: now, sliding: sliding) { record in
      reply.appendOKPrefix()
      Self.appendObject(record, to: &reply) { key in edits.contains(key, in: bytes) }
      return true
    }
    finishRead(found, bytes.extracting(session), now, &reply)
  }

  /// - Parameter found: nil: there is no session; false: the key is not there.
  func finishRead(_ found: Bool?, _ session: Span<UInt8>, _ now: Int64, _ reply: inout [UInt8]) {
    if found == true {
      statistics.count(statistics.hits)
      reply.appendLineEnd()
    } else if found == false || !isUnknown(session, now, behindRead: true) {
      statistics.count(statistics.misses)
      reply.appendNil()
    }
  }

  static func appendObject(
    _ record: borrowing RecordView, to reply: inout [UInt8], where wanted: (Span<UInt8>) -> Bool
  ) {
    var separator = UInt8(ascii: "{")
    record.forEachField { key, value in
      guard wanted(key) else { return }
      reply.append(separator)
      reply.appendQuoted(key)
      reply.append(UInt8(ascii: ":"))
      reply.append(value)
      separator = UInt8(ascii: ",")
    }
    if separator == UInt8(ascii: "{") { reply.append(separator) }
    reply.append(UInt8(ascii: "}"))
  }

  func exists(_ bytes: Span<UInt8>, _ session: Range<Int>, _ now: Int64, _ reply: inout [UInt8]) {
    let isThere = cache.information(bytes.extracting(session), at: now) != nil
    guard isThere || !isUnknown(bytes.extracting(session), now, behindRead: true) else { return }
    reply.appendOK(isThere)
  }

  func timeToLive(_ bytes: Span<UInt8>, _ session: Range<Int>, _ now: Int64, _ reply: inout [UInt8]) {
    guard let information = cache.information(bytes.extracting(session), at: now) else {
      return appendNil(bytes.extracting(session), now, &reply)
    }
    reply.appendOKPrefix()
    reply.appendSeconds(information.remaining)
    reply.appendLineEnd()
  }

  func info(_ bytes: Span<UInt8>, _ session: Range<Int>, _ now: Int64, _ reply: inout [UInt8]) {
    let found: Bool? = cache.inspect(bytes.extracting(session), at: now) { information, record in
      var json = JSONWriter()
      json.beginObject()
      json.member("version", information.version)
      json.member("ttl", seconds: information.remaining)
      json.member("idle", seconds: information.ttl)
      json.member("created", seconds: wallClock.time(of: now - information.age))
      json.member("keys", information.keys)
      json.member("bytes", information.bytes)
      reply.appendOKPrefix()
      reply.append(contentsOf: json.bytes)
      reply.append(contentsOf: #","tags":"#.utf8)
      reply.appendTags(of: record)
      reply.append(contentsOf: "}\n".utf8)
      return true
    }
    if found == nil { appendNil(bytes.extracting(session), now, &reply) }
  }

  /// Says that there is no such session, if that is known.
  func appendNil(
    _ session: Span<UInt8>, _ now: Int64, followsAliases: Bool = true, _ reply: inout [UInt8]
  ) {
    if !isUnknown(session, now, behindRead: true, followsAliases: followsAliases) { reply.appendNil() }
  }

  func list(
    _ bytes: Span<UInt8>, _ prefix: Range<Int>?, _ after: Range<Int>?, _ limit: Int, _ now: Int64,
    _ reply: inout [UInt8]
  ) {
    func array(_ range: Range<Int>?) -> [UInt8] {
      range.map { [UInt8](copying: bytes.extracting($0)) } ?? []
    }
    let listing = cache.list(prefix: array(prefix), after: array(after), limit: limit, at: now)
    reply.append(contentsOf: "OK {\"sessions\":".utf8)
    reply.appendArray(of: listing.ids)
    reply.append(contentsOf: ",\"next\":".utf8)
    if let next = listing.next {
      reply.appendQuoted(next.span)
    } else {
      reply.append(contentsOf: "null".utf8)
    }
    reply.append(contentsOf: "}\n".utf8)
  }
}
