import SessionCache
import SessionSegment
import SessionWire
import SystemCalls

/// Executes request lines: parses one, asks the cache, appends the reply. One reactor thread owns it;
/// once its lists are warm it allocates nothing for a request that succeeds.
final class RequestExecutor {
  /// What the connection has to do after a line.
  enum Outcome {
    case next
    /// Close once the reply is sent.
    case close
    /// A FLUSH goes on with `continueFlush`; the connection's next line waits for its reply.
    case flushing(FlushState)
  }

  struct FlushState {
    /// When it began, for the statistics.
    let began: Int64
    let origin: ChangeOrigin
    var cursor = FlushCursor()
    var removed = 0
  }

  let cache: SessionCache
  let clock: BootClock
  let identity: ServerIdentity
  let statistics: ReactorStatistics
  let segment: SegmentHandout
  /// Who may map the segment.
  var mappers: PeerList
  /// Hears of events for the connections that watch.
  var listener = EventListener {}
  private let serverStatistics: ServerStatistics
  private let onFull: @Sendable () -> Void
  private let deniedLog: DeniedLog
  private(set) var parser = RequestParser()
  var edits: FieldEdits
  /// The wall clock's lead over CLOCK_BOOTTIME, as last told.
  var wallClockOffset: Int64 = 0
  /// Whether the daemon is going down: requests that come now are refused.
  var isStopping = false

  init(
    cache: SessionCache, clock: BootClock, identity: ServerIdentity, statistics: ReactorStatistics,
    serverStatistics: ServerStatistics, segment: SegmentHandout, mappers: PeerList,
    deniedLog: DeniedLog, onFull: @escaping @Sendable () -> Void
  ) {
    self.cache = cache
    self.clock = clock
    self.identity = identity
    self.statistics = statistics
    self.serverStatistics = serverStatistics
    self.segment = segment
    self.mappers = mappers
    self.deniedLog = deniedLog
    self.onFull = onFull
    edits = FieldEdits(seed: cache.hashSeed)
  }

  /// Executes the line at `line` in `bytes`, which is changed in place.
  ///
  /// - Parameters:
  ///   - watch: what the connection watches.
  ///   - now: when the line's turn came; afterwards when it was done.
  func execute(
    _ bytes: inout MutableSpan<UInt8>, line: Range<Int>, caller: Caller, watch: inout Watch?,
    now: inout Int64, reply: inout ReplyBatch
  ) -> Outcome {
    let began = now
    var outcome = Outcome.next
    var failed = false
    let start = reply.bytes.count
    do throws(RequestError) {
      let request = try parser.parse(&bytes, line: line)
      guard !isStopping else { throw RequestError(.stopping, "the daemon is going down") }
      try authorize(request, caller)
      outcome = try perform(request, bytes.span, caller, &watch, now, &reply)
    } catch {
      failed = true
      if error.code == .full {
        statistics.count(statistics.full)
        onFull()
      }
      reply.bytes.removeSubrange(start...)
      reply.bytes.appendError(error)
    }
    now = clock.now()
    // A FLUSH is counted when it is done.
    if case .flushing = outcome { return outcome }
    statistics.record(parser.command, failed: failed, nanoseconds: now - began)
    return outcome
  }

  /// A slice of a FLUSH: some pages of the index. Done when it appends the reply.
  func continueFlush(_ state: inout FlushState, reply: inout [UInt8]) -> Bool {
    let now = clock.now()
    for _ in 0..<16 {
      let (removed, next) = cache.flush(state.cursor, at: now, by: state.origin)
      state.removed += removed
      guard let next else {
        reply.appendOK(state.removed)
        statistics.record(.flush, failed: false, nanoseconds: clock.now() - state.began)
        return true
      }
      state.cursor = next
    }
    return false
  }

  private func perform(
    _ request: Request, _ bytes: Span<UInt8>, _ caller: Caller, _ watching: inout Watch?, _ now: Int64,
    _ batch: inout ReplyBatch
  ) throws(RequestError) -> Outcome {
    switch request {
    case .get(let session, let key):
      get(bytes, session, key, now, sliding: caller.role > .reader, &batch.bytes)
    case .peek(let session, let key): get(bytes, session, key, now, sliding: false, &batch.bytes)
    case .getMany(let session):
      getMany(bytes, session, now, sliding: caller.role > .reader, &batch.bytes)
    case .set(let session, let key, let value, let options):
      edits.removeAll()
      edits.add(key: key, value: value, in: bytes)
      try write(bytes, session, options, now, &batch.bytes)
    case .setMany(let session, let options):
      edits.removeAll()
      // First, so that the value wins of a key that is dropped and set.
      for key in parser.words { edits.add(key: key, value: nil, in: bytes) }
      for field in parser.fields { edits.add(key: field.key, value: field.value, in: bytes) }
      try write(bytes, session, options, now, &batch.bytes)
    case .deleteSession(let session):
      try delete(bytes, session, caller, now, &batch.bytes)
    case .deleteKeys(let session): try deleteKeys(bytes, session, now, &batch.bytes)
    case .increment(let session, let key, let amount):
      try increment(bytes, session, key, amount, now, &batch.bytes)
    case .exists(let session):
      batch.bytes.appendOK(cache.information(bytes.extracting(session), at: now) != nil)
    case .timeToLive(let session): timeToLive(bytes, session, now, &batch.bytes)
    case .expire(let session, let ttl):
      try expire(bytes, session, ttl, now, &batch.bytes)
    case .touch: try touch(bytes, now, &batch.bytes)
    case .info(let session): info(bytes, session, now, &batch.bytes)
    case .watch(let since):
      var sessions = WatchedSessions(seed: cache.hashSeed)
      for id in parser.words { sessions.add(bytes.extracting(id)) }
      try watch(sessions, since: since, &watching, &batch.bytes)
    case .watchAll(let since):
      try watch(.all(seed: cache.hashSeed), since: since, &watching, &batch.bytes)
    case .unwatch:
      watching = nil
      batch.bytes.appendOK()
    case .why(let session): why(bytes, session, now, &batch.bytes)
    case .create, .rename, .revoke, .revokeAll, .tag, .untag, .tagged, .dump, .restore:
      throw RequestError(.unavailable, "this daemon does not serve that command yet")
    case .list(let prefix, let after, let limit):
      list(bytes, prefix, after, limit, now, &batch.bytes)
    case .flush: return .flushing(FlushState(began: now, origin: caller.origin))
    case .stats:
      batch.bytes.appendOKPrefix()
      serverStatistics.append(to: &batch.bytes, now: now)
      batch.bytes.appendLineEnd()
    case .map: try map(caller, &batch)
    case .reads(let hits):
      statistics.addMappedHits(hits)
      batch.bytes.appendOK()
    case .hello: hello(caller.role, &batch.bytes)
    case .ping: batch.bytes.append(contentsOf: "OK \"pong\"\n".utf8)
    case .help: help(&batch.bytes)
    case .quit:
      batch.bytes.appendOK()
      return .close
    }
    return .next
  }

  /// Every request comes by here: no command looks at the role itself, but for MAP, which goes by a list of
  /// its own.
  private func authorize(_ request: Request, _ caller: Caller) throws(RequestError) {
    guard let command = parser.command else { return }
    let wanted = request.needsAdmin ? .admin : command.role
    guard caller.role < wanted else { return }
    let name = request.needsAdmin ? "\(command.name) *" : command.name
    let error = RequestError(
      .denied, "\(name) wants the role \(wanted.name); yours is \(caller.role.name)")
    deniedLog.log(caller.peer, error.text)
    throw error
  }
}
