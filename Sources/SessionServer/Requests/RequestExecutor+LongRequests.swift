import SessionCache
import SessionWire
import SystemCalls

/// Requests that are done in slices: FLUSH REVOKEALL, and REVOKE of many ids.
extension RequestExecutor {
  /// How long a slice takes, about, in nanoseconds.
  private static let sliceNanoseconds: Int64 = 500_000

  /// A slice. Done when it appends the reply.
  func goOn(_ request: inout LongRequest, reply: inout [UInt8]) -> Bool {
    let end = clock.now() + Self.sliceNanoseconds
    do throws(CacheError) {
      // Bounded also where the clock stands still.
      for _ in 0..<16 {
        guard try step(&request) else {
          finish(request, &reply)
          return true
        }
        if clock.now() >= end { break }
      }
      return false
    } catch {
      request.failure = error
      finish(request, &reply)
      return true
    }
  }

  private func finish(_ request: LongRequest, _ reply: inout [UInt8]) {
    if let failure = request.failure {
      let error = refusalToRevoke(failure)
      noteIfFull(error)
      reply.appendError(error)
    } else {
      reply.appendOK(request.ended)
    }
    statistics.record(
      request.command, failed: request.failure != nil, nanoseconds: clock.now() - request.began)
  }

  /// Whether more is to be done.
  private func step(_ request: inout LongRequest) throws(CacheError) -> Bool {
    let now = clock.now()
    switch request.place {
    case .flush(let cursor):
      let (removed, next) = cache.flush(cursor, at: now, by: request.origin)
      request.ended += removed
      guard let next else { return false }
      request.place = .flush(next)
    case .revoke(var ids):
      guard let id = ids.popFirst() else { return false }
      request.place = .revoke(ids)
      do throws(CacheError) {
        if try cache.revoke(id.span, at: now, by: request.origin) { request.ended += 1 }
      } catch {
        request.failure = error
      }
    case .revokeAll(let tag, let cursor):
      let (revoked, next) = try cache.revokeAll(tag.span, cursor, at: now, by: request.origin)
      request.ended += revoked
      guard let next else { return false }
      request.place = .revokeAll(tag: tag, next)
    }
    return true
  }
}
