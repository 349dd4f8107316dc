import Glibc

/// Waits until a number of threads have come by.
public final class CountdownLatch: @unchecked Sendable {
  // Safe to share: `rest` is guarded by `lock`.
  private let lock = MutexLock()
  private var rest: Int

  public init(_ count: Int) {
    rest = count
  }

  public func arrive() {
    lock.withLock {
      rest -= 1
      if rest == 0 { lock.signal() }
    }
  }

  /// Whether all have come within so many nanoseconds. For one waiting thread.
  public func wait(nanoseconds: Int64) -> Bool {
    var now = timespec()
    func elapsedClock() -> Int64 {
      clock_gettime(CLOCK_MONOTONIC, &now)
      return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }
    let deadline = elapsedClock() + nanoseconds
    return lock.withLock {
      while rest > 0 {
        let left = deadline - elapsedClock()
        if left <= 0 { return false }
        lock.wait(nanoseconds: left)
      }
      return true
    }
  }
}
