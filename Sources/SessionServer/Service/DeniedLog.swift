import Logging
import SystemCalls

/// Tells of requests that a user's role does not allow: of each user at most once a minute.
final class DeniedLog: @unchecked Sendable {
  private static let interval: Int64 = 60_000_000_000
  /// Users that are told apart; what the others are denied comes up as one's.
  private static let usersMost = 1024
  /// In the place of all those: the one number that is no user's.
  private static let others = UInt32.max

  private struct Entry {
    var lastLogged: Int64
    var suppressed = 0
  }

  // Safe to share: everything that changes is guarded by `lock`.
  private let lock = MutexLock()
  private var entries: [UInt32: Entry] = [:]
  private let logger: Logger
  private let clock: BootClock

  init(_ logger: Logger, clock: BootClock) {
    self.logger = logger
    self.clock = clock
  }

  /// - Parameter reason: what the user was told.
  func log(_ peer: PeerCredentials, _ reason: String) {
    let now = clock.now()
    guard let suppressed = lock.withLock({ count(peer.uid, now) }) else { return }
    let before = suppressed > 0 ? " (and \(suppressed) times before)" : ""
    logger.notice("user \(peer.uid) (pid \(peer.pid)) was denied a request: \(reason)\(before)")
  }

  /// How often it was not said since it was said last; nil where this is one more time.
  private func count(_ uid: UInt32, _ now: Int64) -> Int? {
    if entries.count >= Self.usersMost, entries[uid] == nil {
      entries = entries.filter { now - $0.value.lastLogged < Self.interval }
    }
    let key = entries.count < Self.usersMost || entries[uid] != nil ? uid : Self.others
    if let entry = entries[key], now - entry.lastLogged < Self.interval {
      entries[key]?.suppressed += 1
      return nil
    }
    let suppressed = entries[key]?.suppressed ?? 0
    entries[key] = Entry(lastLogged: now)
    return suppressed
  }
}
