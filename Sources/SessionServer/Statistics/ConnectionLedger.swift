import SystemCalls

/// Who is connected: how many in all, how many of each user, and how many there may be.
final class ConnectionLedger: @unchecked Sendable {
  enum Refusal: Error, Equatable {
    /// As many connections as there may be in all: so many.
    case total(Int)
    /// As many as one user may have: so many.
    case user(Int)
  }

  // Safe to share: everything that changes is guarded by `lock`.
  private let lock = MutexLock()
  private var most: Int
  private var mostPerUser: Int
  private var current = 0
  private var accepted = 0
  private var refused = 0
  private var byUser: [UInt32: Int] = [:]

  init(most: Int, mostPerUser: Int) {
    self.most = most
    self.mostPerUser = mostPerUser
  }

  /// New bounds; connections that are there stay.
  func setLimits(most: Int, mostPerUser: Int) {
    lock.withLock { (self.most, self.mostPerUser) = (most, mostPerUser) }
  }

  func admit(_ uid: UInt32) throws(Refusal) {
    try lock.withLock { () throws(Refusal) in
      let own = byUser[uid, default: 0]
      guard current < most else {
        refused += 1
        throw .total(most)
      }
      guard own < mostPerUser else {
        refused += 1
        throw .user(mostPerUser)
      }
      current += 1
      accepted += 1
      byUser[uid] = own + 1
    }
  }

  func leave(_ uid: UInt32) {
    lock.withLock {
      current -= 1
      byUser[uid] = byUser[uid]! == 1 ? nil : byUser[uid]! - 1
    }
  }

  var totals: (current: Int, accepted: Int, refused: Int) {
    lock.withLock { (current, accepted, refused) }
  }
}
