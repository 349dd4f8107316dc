import SessionStore
import SessionWire

/// How far a request has come that goes through many sessions, wherever they are: REVOKE, REVOKEALL, FLUSH and TOUCH
/// over a store.
struct StoredWork {
  enum Goal {
    case revoke
    case revokeAll(tag: [UInt8])
    case flush
    case touch
  }

  let goal: Goal
  /// What is to be looked at.
  var ids: ArraySlice<[UInt8]>
  /// Where the listing goes on; whether it is at its end.
  var cursor: StoreCursor?
  var isListed: Bool
  /// How many sessions were ended, or touched, in all and since the listing began anew.
  var ended = 0
  var endedInPass = 0
  var passes = 0
  /// With a plan: what is worked on, which of it lived, and which ids the changes are of that are being committed.
  var batch: [[UInt8]] = []
  var lived: Set<[UInt8]> = []
  var planned: [[UInt8]] = []
  /// Which of it was loaded from a shared store since the request came.
  var verified: Set<[UInt8]> = []
  /// Whether that is one at a time.
  var isOneByOne = false
  /// The id that was missing last: if it is so again, memory has no room for many at a time.
  var missing: [UInt8]?
  /// Why it was not done in whole, while it goes on.
  var failure: RequestError?

  init(_ goal: Goal, ids: [[UInt8]] = []) {
    self.goal = goal
    self.ids = ids[...]
    switch goal {
    case .revoke, .touch: isListed = true
    case .revokeAll, .flush: isListed = false
    }
  }

  /// Whether sessions are changed by it, and not only used.
  var changesSessions: Bool { if case .touch = goal { false } else { true } }

  /// Which ids the store is asked for; nil: none.
  var selection: StoreSelection? {
    switch goal {
    case .revoke, .touch: nil
    case .revokeAll(let tag): .tag(tag)
    case .flush: .prefix([])
    }
  }

  /// Whether to list again: what was revoked may have been renamed meanwhile to a place that was passed.
  mutating func beginsAnew(passesMost: Int) -> Bool {
    guard case .revokeAll = goal, endedInPass > 0, passes < passesMost else { return false }
    passes += 1
    endedInPass = 0
    isListed = false
    cursor = nil
    return true
  }
}
