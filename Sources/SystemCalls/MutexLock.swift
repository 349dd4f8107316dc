public import Glibc

/// A pthread mutex with a condition (pthread_mutex_lock(3), pthread_cond_timedwait(3)). Unlike
/// `Synchronization.Mutex`, the thread sanitizer understands it.
public final class MutexLock: @unchecked Sendable {
  // Safe to share: both are made once, live at one address, and are there to be shared.
  @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  public init() {
    mutex = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    let codes = (pthread_mutex_init(mutex, nil), pthread_cond_init(condition, &attributes))
    precondition(codes == (0, 0), "pthread_mutex_init, pthread_cond_init: \(codes)")
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  @inlinable
  public func withLock<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }

  /// Likewise, unless another thread has the lock: then nothing is run, and the answer is nil.
  @inlinable
  public func withLockIfFree<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R? {
    guard pthread_mutex_trylock(mutex) == 0 else { return nil }
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }

  /// Inside `withLock`: lets go of the lock until `signal()`, or for so many nanoseconds (nil: for
  /// ever), and has it again afterwards. May return early.
  public func wait(nanoseconds: Int64?) {
    guard let nanoseconds else {
      pthread_cond_wait(condition, mutex)
      return
    }
    var until = timespec()
    clock_gettime(CLOCK_MONOTONIC, &until)
    let sum = Int64(until.tv_nsec) + max(0, nanoseconds) % 1_000_000_000
    until.tv_sec += Int(max(0, nanoseconds) / 1_000_000_000 + sum / 1_000_000_000)
    until.tv_nsec = Int(sum % 1_000_000_000)
    pthread_cond_timedwait(condition, mutex, &until)
  }

  /// Inside `withLock`: wakes a waiting thread.
  public func signal() {
    pthread_cond_signal(condition)
  }
}
