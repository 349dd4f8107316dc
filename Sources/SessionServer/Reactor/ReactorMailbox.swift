import SystemCalls

/// What other threads want of a reactor, picked up when it is woken.
final class ReactorMailbox: @unchecked Sendable {
  struct Arrival {
    let socket: Int32
    let peer: PeerCredentials
  }

  struct Mail {
    var arrivals: [Arrival] = []
    /// Answers of the store to what is parked.
    var storeReplies: [StoreReply] = []
    /// Changed limits.
    var limits: ReactorLimits?
    /// Changed: who may map the segment.
    var mappers: PeerList?
    /// Changed: who gets which role. For those who connect from now on.
    var roles: RoleRules?
    /// The daemon is going down.
    var isDraining = false
    /// Whatever is not sent by now never will be.
    var isOver = false
  }

  // Safe to share: everything that changes is guarded by `lock`; the signal is made for sharing.
  private let lock = MutexLock()
  private var mail = Mail()
  let signal: WakeSignal

  init() throws(SystemCallError) {
    signal = try WakeSignal()
  }

  /// By which the store's threads answer this reactor.
  var bell: StoreBell {
    StoreBell { [self] replies in post { $0.storeReplies += replies } }
  }

  func post(_ change: (inout Mail) -> Void) {
    lock.withLock { change(&mail) }
    signal.raise()
  }

  func collect() -> Mail {
    signal.clear()
    return lock.withLock {
      defer { mail = Mail() }
      return mail
    }
  }
}

/// The bounds that a reactor holds its connections and itself to.
struct ReactorLimits: Sendable, Equatable {
  var lineBytesMost: Int
  /// How long a line may take from its first byte to its end, in nanoseconds.
  var lineTimeout: Int64
  /// How long it may look for the next request before it sleeps, in nanoseconds; 0: it never does.
  var pollingBudget: UInt64 = 0
}
