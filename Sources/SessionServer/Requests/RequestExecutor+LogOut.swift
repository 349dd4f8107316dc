import SessionCache
import SessionWire
import SystemCalls

/// How sessions come by their ids and lose them: NEW RENAME REVOKE.
extension RequestExecutor {
  /// Two random ids of 128 bits are never the same; this bounds what happens if the random source is broken.
  private static let attempts = 4
  /// A REVOKE of more ids is done in slices: sessions may be large, and their memory is cleared.
  private static let revokedAtOnce = 16

  func create(
    _ bytes: Span<UInt8>, _ ttl: Int64?, _ now: Int64, _ reply: inout [UInt8]
  ) throws(RequestError) {
    edits.removeAll()
    for field in parser.fields { edits.add(key: field.key, value: field.value, in: bytes) }
    // Version 0: only if nobody has the id.
    let options = SessionCache.WriteOptions(version: 0, ttl: ttl, assumesAbsent: true)
    guard desk?.service.isKnown != false else {
      // Its versions could be such as sessions have there.
      throw RequestError(.unavailable, "the store was not there yet since the start")
    }
    let id = try withID { id throws(CacheError) in
      _ = try cache.write(id.span, &edits, of: bytes, options, at: now, plan: plan)
    }
    reply.appendOK(quoting: id)
  }

  func rename(
    _ bytes: Span<UInt8>, _ session: Range<Int>, to new: Range<Int>?, grace: Int64?, _ caller: Caller,
    _ now: Int64, _ reply: inout [UInt8]
  ) throws(RequestError) {
    var isRenamed = false
    let wanted = new.map { [UInt8](copying: bytes.extracting($0)) }
    let id = try withID(wanted) { id throws(CacheError) in
      isRenamed = try cache.rename(
        bytes.extracting(session), to: id.span, grace: grace, at: now, by: caller.origin,
        isNewIDRandom: wanted == nil, plan: plan)
    }
    isRenamed ? reply.appendOK(quoting: id) : reply.appendNil()
  }

  /// Calls `body` with the id that is wanted. Where none is, with one that nobody can guess, and with another
  /// one if somebody has it.
  private func withID(
    _ wanted: [UInt8]? = nil, _ body: ([UInt8]) throws(CacheError) -> Void
  ) throws(RequestError) -> [UInt8] {
    var attempt = 1
    while true {
      let id = if let wanted { wanted } else { try randomID() }
      do throws(CacheError) {
        try body(id)
        return id
      } catch {
        guard case .conflict = error, wanted == nil, attempt < Self.attempts else { throw refusal(error) }
        attempt += 1
      }
    }
  }

  private func randomID() throws(RequestError) -> [UInt8] {
    do throws(SystemCallError) {
      return try SessionID.random()
    } catch {
      throw RequestError(.unavailable, "the kernel gives no random number: \(error)")
    }
  }

  /// Those that can be are revoked, also where there is no room for the mark of one, which is told then: a
  /// log-out does as much as it can. Many at a time are done in slices.
  func revoke(
    _ bytes: Span<UInt8>, _ caller: Caller, _ now: Int64, _ reply: inout [UInt8]
  ) throws(RequestError) -> Outcome {
    guard parser.words.count <= Self.revokedAtOnce else {
      let ids = parser.words.map { [UInt8](copying: bytes.extracting($0)) }
      return .unfinished(LongRequest(.revoke(ids[...]), by: caller.origin, at: now))
    }
    var revoked = 0
    var failure: CacheError?
    for id in parser.words {
      do throws(CacheError) {
        if try cache.revoke(bytes.extracting(id), at: now, by: caller.origin) { revoked += 1 }
      } catch {
        failure = error
      }
    }
    if let failure { throw refusalToRevoke(failure) }
    reply.appendOK(revoked)
    return .next
  }

  /// Unlike other changes these may have been made in part.
  func refusalToRevoke(_ error: CacheError) -> RequestError {
    guard error == .full else { return refusal(error) }
    return RequestError(.full, "no memory is left for the marks of all; what could be revoked is")
  }

  func revokeAll(_ tag: Span<UInt8>, _ caller: Caller, _ now: Int64) -> LongRequest {
    LongRequest(.revokeAll(tag: [UInt8](copying: tag), TagCursor()), by: caller.origin, at: now)
  }
}

extension [UInt8] {
  /// A reply whose value is a session id.
  fileprivate mutating func appendOK(quoting id: [UInt8]) {
    appendOKPrefix()
    appendQuoted(id.span)
    appendLineEnd()
  }
}
