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
    var cursor = FlushCursor()
    var removed = 0
  }

  private let cache: SessionCache
  private let clock: BootClock
  private let identity: ServerIdentity
  private let statistics: ReactorStatistics
  private let serverStatistics: ServerStatistics
  private let onFull: @Sendable () -> Void
  private var parser = RequestParser()
  private var edits: FieldEdits
  private var wallClockOffset: Int64 = 0
  /// Whether the daemon is going down: requests that come now are refused.
  var isStopping = false

  init(
    cache: SessionCache, clock: BootClock, identity: ServerIdentity, statistics: ReactorStatistics,
    serverStatistics: ServerStatistics, onFull: @escaping @Sendable () -> Void
  ) {
    self.cache = cache
    self.clock = clock
    self.identity = identity
    self.statistics = statistics
    self.serverStatistics = serverStatistics
    self.onFull = onFull
    edits = FieldEdits(seed: cache.hashSeed)
  }

  /// Executes the line at `line` in `bytes`, which is changed in place.
  ///
  /// - Parameter now: when the line's turn came; afterwards when it was done.
  func execute(
    _ bytes: inout MutableSpan<UInt8>, line: Range<Int>, role: Role, now: inout Int64, reply: inout [UInt8]
  ) -> Outcome {
    let began = now
    var outcome = Outcome.next
    var failed = false
    let start = reply.count
    do throws(RequestError) {
      let request = try parser.parse(&bytes, line: line)
      guard !isStopping else { throw RequestError(.stopping, "the daemon is going down") }
      outcome = try perform(request, bytes.span, role, now, &reply)
    } catch {
      failed = true
      if error.code == .full {
        statistics.count(statistics.full)
        onFull()
      }
      reply.removeSubrange(start...)
      reply.appendError(error)
    }
    now = clock.now()
    statistics.record(parser.command, failed: failed, nanoseconds: now - began)
    return outcome
  }

  /// A slice of a FLUSH: some pages of the index. Done when it appends the reply.
  func continueFlush(_ state: inout FlushState, reply: inout [UInt8]) -> Bool {
    let now = clock.now()
    for _ in 0..<64 {
      let (removed, next) = cache.flush(state.cursor, at: now)
      state.removed += removed
      guard let next else {
        reply.appendOK(state.removed)
        return true
      }
      state.cursor = next
    }
    return false
  }

  private func perform(
    _ request: Request, _ bytes: Span<UInt8>, _ role: Role, _ now: Int64, _ reply: inout [UInt8]
  ) throws(RequestError) -> Outcome {
    switch request {
    case .get(let session, let key): get(bytes, session, key, now, sliding: true, &reply)
    case .peek(let session, let key): get(bytes, session, key, now, sliding: false, &reply)
    case .getMany(let session): getMany(bytes, session, now, &reply)
    case .set(let session, let key, let value, let options):
      edits.removeAll()
      edits.add(key: key, value: value, in: bytes)
      try write(bytes, session, options, now, &reply)
    case .setMany(let session, let options):
      edits.removeAll()
      for field in parser.fields { edits.add(key: field.key, value: field.value, in: bytes) }
      try write(bytes, session, options, now, &reply)
    case .deleteSession(let session):
      reply.appendOK(cache.remove(bytes.extracting(session), at: now) ? 1 : 0)
    case .deleteKeys(let session): try deleteKeys(bytes, session, now, &reply)
    case .increment(let session, let key, let amount):
      try increment(bytes, session, key, amount, now, &reply)
    case .exists(let session):
      reply.appendOK(cache.information(bytes.extracting(session), at: now) != nil)
    case .timeToLive(let session): timeToLive(bytes, session, now, &reply)
    case .expire(let session, let ttl):
      reply.appendOK(cache.setTTL(bytes.extracting(session), to: ttl, at: now))
    case .touch:
      var touched = 0
      for id in parser.words where cache.touch(bytes.extracting(id), at: now) { touched += 1 }
      reply.appendOK(touched)
    case .info(let session): info(bytes, session, now, &reply)
    case .list(let prefix, let after, let limit):
      try require(.admin, role, "LIST")
      list(bytes, prefix, after, limit, now, &reply)
    case .flush:
      try require(.admin, role, "FLUSH")
      return .flushing(FlushState())
    case .stats:
      reply.appendOKPrefix()
      serverStatistics.append(to: &reply, now: now)
      reply.appendLineEnd()
    case .hello: hello(role, &reply)
    case .ping: reply.append(contentsOf: "OK \"pong\"\n".utf8)
    case .help: help(&reply)
    case .quit:
      reply.appendOK()
      return .close
    }
    return .next
  }

  private func require(_ wanted: Role, _ role: Role, _ command: StaticString) throws(RequestError) {
    guard role == wanted else {
      throw RequestError(.denied, "\(command) wants the role \(wanted.name); yours is \(role.name)")
    }
  }

  // MARK: Reading

  private func get(
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
    finishRead(found == true, &reply)
  }

  private func getMany(_ bytes: Span<UInt8>, _ session: Range<Int>, _ now: Int64, _ reply: inout [UInt8]) {
    edits.removeAll()
    for key in parser.words { edits.add(key: key, value: nil, in: bytes) }
    let found = cache.read(bytes.extracting(session), at: now, sliding: true) { record in
      reply.appendOKPrefix()
      Self.appendObject(record, to: &reply) { key in edits.contains(key, in: bytes) }
      return true
    }
    finishRead(found == true, &reply)
  }

  private func finishRead(_ found: Bool, _ reply: inout [UInt8]) {
    if found {
      statistics.count(statistics.hits)
      reply.appendLineEnd()
    } else {
      statistics.count(statistics.misses)
      reply.appendNil()
    }
  }

  private static func appendObject(
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

  private func timeToLive(_ bytes: Span<UInt8>, _ session: Range<Int>, _ now: Int64, _ reply: inout [UInt8]) {
    guard let information = cache.information(bytes.extracting(session), at: now) else {
      return reply.appendNil()
    }
    reply.appendOKPrefix()
    reply.appendSeconds(information.remaining)
    reply.appendLineEnd()
  }

  private func info(_ bytes: Span<UInt8>, _ session: Range<Int>, _ now: Int64, _ reply: inout [UInt8]) {
    guard let information = cache.information(bytes.extracting(session), at: now) else {
      return reply.appendNil()
    }
    var json = JSONWriter()
    json.beginObject()
    json.member("version", information.version)
    json.member("ttl", seconds: information.remaining)
    json.member("idle", seconds: information.ttl)
    json.member("created", seconds: wallTime(now - information.age))
    json.member("keys", information.keys)
    json.member("bytes", information.bytes)
    json.memberWithEmptyArray("tags")
    json.endObject()
    reply.appendOKPrefix()
    reply.append(contentsOf: json.bytes)
    reply.appendLineEnd()
  }

  /// A moment of CLOCK_BOOTTIME on the wall clock. Follows the wall clock when somebody sets it, but not
  /// for less than the two readings may lie apart, so that a moment told twice is told alike.
  private func wallTime(_ moment: Int64) -> Int64 {
    let offset = clock.wallClock() - clock.now()
    if (offset - wallClockOffset).magnitude > 10_000_000 { wallClockOffset = offset }
    return moment + wallClockOffset
  }

  private func list(
    _ bytes: Span<UInt8>, _ prefix: Range<Int>?, _ after: Range<Int>?, _ limit: Int, _ now: Int64,
    _ reply: inout [UInt8]
  ) {
    func array(_ range: Range<Int>?) -> [UInt8] {
      var array: [UInt8] = []
      if let range { array.append(bytes.extracting(range)) }
      return array
    }
    let listing = cache.list(prefix: array(prefix), after: array(after), limit: limit, at: now)
    reply.append(contentsOf: "OK {\"sessions\":[".utf8)
    for (index, id) in listing.ids.enumerated() {
      if index > 0 { reply.append(UInt8(ascii: ",")) }
      reply.appendQuoted(id.span)
    }
    reply.append(contentsOf: "],\"next\":".utf8)
    if let next = listing.next {
      reply.appendQuoted(next.span)
    } else {
      reply.append(contentsOf: "null".utf8)
    }
    reply.append(contentsOf: "}\n".utf8)
  }

  // MARK: Writing

  private func write(
    _ bytes: Span<UInt8>, _ session: Range<Int>, _ options: Request.WriteOptions, _ now: Int64,
    _ reply: inout [UInt8]
  ) throws(RequestError) {
    let cacheOptions = SessionCache.WriteOptions(version: options.version, ttl: options.ttlNanoseconds)
    do throws(CacheError) {
      reply.appendOK(try cache.write(bytes.extracting(session), &edits, of: bytes, cacheOptions, at: now))
    } catch {
      throw RequestError(error, limits: cache.settings)
    }
    statistics.count(statistics.sets)
  }

  private func deleteKeys(
    _ bytes: Span<UInt8>, _ session: Range<Int>, _ now: Int64, _ reply: inout [UInt8]
  ) throws(RequestError) {
    edits.removeAll()
    for key in parser.words { edits.add(key: key, value: nil, in: bytes) }
    do throws(CacheError) {
      reply.appendOK(try cache.removeKeys(bytes.extracting(session), &edits, of: bytes, at: now))
    } catch {
      throw RequestError(error, limits: cache.settings)
    }
  }

  private func increment(
    _ bytes: Span<UInt8>, _ session: Range<Int>, _ key: Range<Int>, _ amount: Int64, _ now: Int64,
    _ reply: inout [UInt8]
  ) throws(RequestError) {
    do throws(CacheError) {
      let sum = try cache.increment(
        bytes.extracting(session), key: bytes.extracting(key), by: amount, &edits, at: now)
      reply.appendOK(sum)
    } catch {
      throw RequestError(error, limits: cache.settings)
    }
  }

  // MARK: About the daemon

  private func hello(_ role: Role, _ reply: inout [UInt8]) {
    var json = JSONWriter()
    json.beginObject()
    json.member("server", string: "sessiond")
    json.member("version", string: identity.version)
    json.member("protocol", 1)
    json.member("role", string: role.name)
    json.endObject()
    reply.appendOKPrefix()
    reply.append(contentsOf: json.bytes)
    reply.appendLineEnd()
  }

  private func help(_ reply: inout [UInt8]) {
    reply.append(contentsOf: "OK [".utf8)
    for command in Command.allCases {
      if command != Command.allCases.first { reply.append(UInt8(ascii: ",")) }
      reply.appendQuoted(Array(command.usage.utf8).span)
    }
    reply.append(contentsOf: "]\n".utf8)
  }
}
