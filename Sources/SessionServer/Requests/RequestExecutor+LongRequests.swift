import SessionCache
import SessionWire
import SystemCalls

/// Requests that are done in slices: FLUSH REVOKEALL.
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
          reply.appendOK(request.ended)
          record(request, failed: false)
          return true
        }
        if clock.now() >= end { break }
      }
      return false
    } catch {
      reply.appendError(refusal(error))
      record(request, failed: true)
      return true
    }
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
    case .revokeAll(let tag, let cursor):
      let (revoked, next) = try cache.revokeAll(tag.span, cursor, at: now, by: request.origin)
      request.ended += revoked
      guard let next else { return false }
      request.place = .revokeAll(tag: tag, next)
    }
    return true
  }

  private func record(_ request: LongRequest, failed: Bool) {
    statistics.record(request.command, failed: failed, nanoseconds: clock.now() - request.began)
  }
}
