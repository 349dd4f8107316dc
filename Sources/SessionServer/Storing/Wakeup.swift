import SystemCalls

/// How a thread of the store is woken: it sleeps until a moment or until somebody has something for it.
final class Wakeup: @unchecked Sendable {
  // Safe to share: everything that changes is guarded by `lock`.
  private let lock = MutexLock()
  private var isWoken = false

  func wake() {
    lock.withLock {
      isWoken = true
      lock.signal()
    }
  }

  /// For so many nanoseconds, nil: for ever; not at all if somebody woke it since the last time. May be shorter.
  func sleep(nanoseconds: Int64?) {
    lock.withLock {
      if !isWoken, nanoseconds.map({ $0 > 0 }) ?? true { lock.wait(nanoseconds: nanoseconds) }
      isWoken = false
    }
  }
}
