import SystemCalls

/// Who is connected: how many in all, how many of each user, how many bytes the daemon holds for them,
/// and how much of each there may be.
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
  private var byUser: [UInt32: Account] = [:]
  private var bufferBytesPerUser: Int

  private struct Account {
    var connections = 0
    var bufferedBytes = 0
  }

  /// - Parameter bufferBytesPerUser: how many bytes may be held for one user's connections together.
  init(most: Int, mostPerUser: Int, bufferBytesPerUser: Int = .max) {
    self.most = most
    self.mostPerUser = mostPerUser
    self.bufferBytesPerUser = bufferBytesPerUser
  }

  /// New bounds; connections that are there stay.
  func setLimits(most: Int, mostPerUser: Int, bufferBytesPerUser: Int = .max) {
    lock.withLock {
      (self.most, self.mostPerUser, self.bufferBytesPerUser) = (most, mostPerUser, bufferBytesPerUser)
    }
  }

  func admit(_ uid: UInt32) throws(Refusal) {
    try lock.withLock { () throws(Refusal) in
      let own = byUser[uid]?.connections ?? 0
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
      byUser[uid, default: Account()].connections = own + 1
    }
  }

  /// A connection is gone, with the bytes that were held for it.
  func leave(_ uid: UInt32, bufferedBytes: Int = 0) {
    lock.withLock {
      current -= 1
      byUser[uid]!.connections -= 1
      byUser[uid]!.bufferedBytes -= bufferedBytes
      if byUser[uid]!.connections == 0 { byUser[uid] = nil }
    }
  }

  /// Notes that so many bytes more (or fewer) are held for a user.
  ///
  /// - Returns: whether they may be; if not, the connection that they are for has to go.
  func charge(_ uid: UInt32, _ bytes: Int) -> Bool {
    lock.withLock {
      byUser[uid]!.bufferedBytes += bytes
      return bytes <= 0 || byUser[uid]!.bufferedBytes <= bufferBytesPerUser
    }
  }

  /// How many bytes are held for a user.
  func bufferedBytes(_ uid: UInt32) -> Int { lock.withLock { byUser[uid]?.bufferedBytes ?? 0 } }

  /// How many bytes are held for all users together.
  var bufferedBytes: Int { lock.withLock { byUser.values.reduce(0) { $0 + $1.bufferedBytes } } }

  var totals: (current: Int, accepted: Int, refused: Int) {
    lock.withLock { (current, accepted, refused) }
  }
}
