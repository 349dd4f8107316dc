import SessionCache
import SessionWire
import SystemCalls

/// Commands about what happens to sessions: WATCH WHY.
extension RequestExecutor {
  /// WATCH of the parser's `words`.
  func watch(
    _ bytes: Span<UInt8>, since: UInt64?, _ watch: inout Watch?, _ reply: inout [UInt8]
  ) throws(RequestError) {
    var sessions = WatchedSessions(seed: cache.hashSeed)
    for id in parser.words { sessions.add(bytes.extracting(id)) }
    try self.watch(sessions, since: since, &watch, &reply)
  }

  /// - Parameter watch: the connection's; set if there was none.
  func watch(
    _ sessions: WatchedSessions, since: UInt64?, _ watch: inout Watch?, _ reply: inout [UInt8]
  ) throws(RequestError) {
    guard watch == nil else {
      throw RequestError(.limit, "this connection watches already; UNWATCH first")
    }
    let extent = cache.watchEvents(listener, wallClock: clock.wallClock())
    let isComplete = since.map { $0 >= extent.completeAfter } ?? true
    // It has joined the log, and leaves it if the request fails.
    let new = Watch(
      sessions, position: isComplete ? since ?? extent.last : extent.last, log: cache.events,
      listener: listener)
    if let since, since > extent.last {
      throw RequestError(.unknown, "no event has that number yet; the last is \(extent.last)")
    }
    reply.appendOK(extent.last)
    if !isComplete { reply.appendMissed(extent.last) }
    watch = new
  }

  func why(_ bytes: Span<UInt8>, _ session: Range<Int>, _ now: Int64, _ reply: inout [UInt8]) {
    // A session that lives, if only in the store, has not ended.
    guard !isUnknown(bytes.extracting(session), now) else { return }
    guard let end = cache.end(of: bytes.extracting(session), at: now) else { return reply.appendNil() }
    var json = JSONWriter()
    json.beginObject()
    json.member("ended", string: end.cause.name)
    json.member("at", seconds: wallClock.time(of: end.at))
    if let origin = end.origin {
      json.member("uid", origin.uid)
      json.member("pid", origin.pid)
    }
    json.endObject()
    reply.appendOKPrefix()
    reply.append(contentsOf: json.bytes)
    reply.appendLineEnd()
  }
}

extension EndCause {
  fileprivate var name: String {
    switch self {
    case .idle: "idle"
    case .lifetime: "lifetime"
    case .deleted: "deleted"
    case .revoked: "revoked"
    case .renamed: "renamed"
    case .evicted: "evicted"
    }
  }
}
