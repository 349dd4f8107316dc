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
    /// Call `goOn` with it until it is done; the connection's next line waits for its reply.
    case unfinished(LongRequest)
    /// Call `resume` with it when the answer to its ticket is there, or, if it is runnable, in another turn.
    case parked(ParkedRequest)
  }

  let cache: SessionCache
  let clock: BootClock
  let wallClock: WallClock
  let identity: ServerIdentity
  let statistics: ReactorStatistics
  let segment: SegmentHandout
  /// Who may map the segment.
  var mappers: PeerList
  /// Hears of events for the connections that watch.
  var listener = EventListener {}
  let serverStatistics: ServerStatistics
  private let onFull: @Sendable () -> Void
  private let deniedLog: DeniedLog
  var parser = RequestParser()
  var sampler: UseSampler
  /// The store's side; nil without a store.
  let desk: StoreDesk?
  var edits: FieldEdits
  /// Whether the daemon is going down: requests that come now are refused.
  var isStopping = false

  init(
    cache: SessionCache, clock: BootClock, wallClock: WallClock, identity: ServerIdentity,
    statistics: ReactorStatistics, serverStatistics: ServerStatistics, segment: SegmentHandout,
    mappers: PeerList,
    deniedLog: DeniedLog, desk: StoreDesk? = nil, onFull: @escaping @Sendable () -> Void
  ) {
    self.cache = cache
    self.clock = clock
    self.wallClock = wallClock
    self.identity = identity
    self.statistics = statistics
    self.serverStatistics = serverStatistics
    self.segment = segment
    self.mappers = mappers
    self.deniedLog = deniedLog
    self.desk = desk
    self.onFull = onFull
    edits = FieldEdits(seed: cache.hashSeed)
    sampler = UseSampler(seed: cache.hashSeed.first)
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
      sample(request, bytes.span, now)
      if let desk {
        outcome = try performBacked(request, bytes.span, line: line, caller, &watch, now, &reply, desk)
      } else {
        outcome = try perform(request, bytes.span, caller, &watch, now, &reply)
      }
    } catch {
      failed = true
      noteIfFull(error)
      reply.bytes.removeSubrange(start...)
      reply.bytes.appendError(error)
    }
    now = clock.now()
    // One that takes longer is counted when it is done.
    switch outcome {
    case .unfinished, .parked: return outcome
    case .next, .close: break
    }
    statistics.record(parser.command, failed: failed, nanoseconds: now - began)
    return outcome
  }

  func perform(
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
      edits.set(key: key, to: value)
      try write(bytes, session, options, now, &batch.bytes)
    case .setMany(let session, let options): try setMany(bytes, session, options, now, &batch.bytes)
    case .deleteSession(let session): try delete(bytes, session, caller, now, &batch.bytes)
    case .deleteKeys(let session): try deleteKeys(bytes, session, now, &batch.bytes)
    case .increment(let session, let key, let amount):
      try increment(bytes, session, key, amount, now, &batch.bytes)
    case .exists(let session): exists(bytes, session, now, &batch.bytes)
    case .timeToLive(let session): timeToLive(bytes, session, now, &batch.bytes)
    case .expire(let session, let ttl): try expire(bytes, session, ttl, now, &batch.bytes)
    case .touch: try touch(bytes, now, &batch.bytes)
    case .info(let session): info(bytes, session, now, &batch.bytes)
    case .watch(let since): try watch(bytes, since: since, &watching, &batch.bytes)
    case .watchAll(let since):
      try watch(.all(seed: cache.hashSeed), since: since, &watching, &batch.bytes)
    case .unwatch:
      watching = nil
      batch.bytes.appendOK()
    case .why(let session): why(bytes, session, now, &batch.bytes)
    case .create(let ttl): try create(bytes, ttl, now, &batch.bytes)
    case .rename(let session, let new, let grace):
      try rename(bytes, session, to: new, grace: grace, caller, now, &batch.bytes)
    case .revoke: return try revoke(bytes, caller, now, &batch.bytes)
    case .revokeAll(let tag): return .unfinished(revokeAll(bytes.extracting(tag), caller, now))
    case .tag(let session): try tag(bytes, session, now, &batch.bytes)
    case .untag(let session): try untag(bytes, session, now, &batch.bytes)
    case .tagged(let tag, let after, let limit):
      tagged(bytes, tag, after: after, limit: limit, now, &batch.bytes)
    case .dump(let session): dump(bytes, session, now, &batch.bytes)
    case .restore(let session, let given): try restore(bytes, session, given, now, &batch.bytes)
    case .list(let prefix, let after, let limit):
      list(bytes, prefix, after, limit, now, &batch.bytes)
    case .flush: return .unfinished(LongRequest(.flush(WalkCursor()), by: caller.origin, at: now))
    case .stats: stats(caller.role, now, &batch.bytes)
    case .metrics: metrics(now, &batch.bytes)
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

  func noteIfFull(_ error: RequestError) {
    guard error.code == .full else { return }
    statistics.count(statistics.full)
    onFull()
  }

  /// Does something with the cache, and tells its refusal in the protocol's words.
  func refusing<R>(_ body: () throws(CacheError) -> R) throws(RequestError) -> R {
    do throws(CacheError) {
      return try body()
    } catch {
      throw refusal(error)
    }
  }

  func refusal(_ error: CacheError) -> RequestError {
    note(error)
    return RequestError(error, limits: cache.settings)
  }

  /// Takes the changes where they are made only once the store has them; else nil.
  var plan: ChangePlan? { desk?.plan }
}
