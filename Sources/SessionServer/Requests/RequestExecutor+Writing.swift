import SessionCache
import SessionSegment
import SessionWire
import SystemCalls

/// Commands that change a session: SET MSET DEL INCR EXPIRE TOUCH.
extension RequestExecutor {
  func write(
    _ bytes: Span<UInt8>, _ session: Range<Int>, _ options: Request.WriteOptions, _ now: Int64,
    _ reply: inout [UInt8]
  ) throws(RequestError) {
    let cacheOptions = SessionCache.WriteOptions(version: options.version, ttl: options.ttlNanoseconds)
    let version = try refusing { () throws(CacheError) in
      try cache.write(bytes.extracting(session), &edits, of: bytes, cacheOptions, at: now, plan: plan)
    }
    reply.appendOK(version)
    statistics.count(statistics.sets)
  }

  func setMany(
    _ bytes: Span<UInt8>, _ session: Range<Int>, _ options: Request.WriteOptions, _ now: Int64,
    _ reply: inout [UInt8]
  ) throws(RequestError) {
    edits.removeAll()
    // First, so that the value wins of a key that is dropped and set.
    for key in parser.words { edits.add(key: key, value: nil, in: bytes) }
    for field in parser.fields { edits.add(key: field.key, value: field.value, in: bytes) }
    try write(bytes, session, options, now, &reply)
  }

  func deleteKeys(
    _ bytes: Span<UInt8>, _ session: Range<Int>, _ now: Int64, _ reply: inout [UInt8]
  ) throws(RequestError) {
    edits.removeAll()
    for key in parser.words { edits.add(key: key, value: nil, in: bytes) }
    let removed = try refusing { () throws(CacheError) in
      try cache.removeKeys(bytes.extracting(session), &edits, of: bytes, at: now, plan: plan)
    }
    reply.appendOK(removed)
  }

  func delete(
    _ bytes: Span<UInt8>, _ session: Range<Int>, _ caller: Caller, _ now: Int64, _ reply: inout [UInt8]
  ) throws(RequestError) {
    let isDeleted = try refusing { () throws(CacheError) in
      try cache.remove(bytes.extracting(session), at: now, by: caller.origin, plan: plan)
    }
    reply.appendOK(isDeleted ? 1 : 0)
  }

  func expire(
    _ bytes: Span<UInt8>, _ session: Range<Int>, _ ttl: Int64, _ now: Int64, _ reply: inout [UInt8]
  ) throws(RequestError) {
    let isDone = try refusing { () throws(CacheError) in
      try cache.setTTL(bytes.extracting(session), to: ttl, at: now, plan: plan)
    }
    reply.appendOK(isDone)
  }

  /// All that live are touched, also where one of the ids was revoked, which is told then.
  func touch(_ bytes: Span<UInt8>, _ now: Int64, _ reply: inout [UInt8]) throws(RequestError) {
    var touched = 0
    var failure: RequestError?
    for id in parser.words {
      do throws(CacheError) {
        if try cache.touch(bytes.extracting(id), at: now) { touched += 1 }
      } catch {
        failure = refusal(error)
      }
    }
    if let failure { throw failure }
    reply.appendOK(touched)
  }

  func increment(
    _ bytes: Span<UInt8>, _ session: Range<Int>, _ key: Range<Int>, _ amount: Int64, _ now: Int64,
    _ reply: inout [UInt8]
  ) throws(RequestError) {
    let sum = try refusing { () throws(CacheError) in
      try cache.increment(
        bytes.extracting(session), key: bytes.extracting(key), by: amount, &edits, at: now, plan: plan)
    }
    reply.appendOK(sum)
  }
}
