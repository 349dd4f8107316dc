import SessionCache
import SessionWire

/// A request that is done in slices, so that other connections don't wait for it: FLUSH, REVOKEALL, and REVOKE
/// of many ids. The connection's next line waits for its reply.
struct LongRequest {
  enum Place {
    case flush(WalkCursor)
    /// The ids that are left.
    case revoke(ArraySlice<[UInt8]>)
    case revokeAll(tag: [UInt8], TagCursor)
  }

  let origin: ChangeOrigin
  /// When it began, for the statistics.
  let began: Int64
  var place: Place
  /// How many sessions it has ended.
  var ended = 0
  /// Why it was not done in whole, while it goes on.
  var failure: CacheError?

  init(_ place: Place, by origin: ChangeOrigin, at now: Int64) {
    self.place = place
    self.origin = origin
    began = now
  }

  var command: Command {
    switch place {
    case .flush: .flush
    case .revoke: .revoke
    case .revokeAll: .revokeAll
    }
  }
}
