public import Glibc

/// A pthread read-write lock (pthread_rwlock_init(3)): many readers or one writer. A waiting writer
/// goes before new readers, so that a crowd of readers can't starve it.
public final class ReadWriteLock: @unchecked Sendable {
  // Safe to share: the lock is made once, lives at one address, and is there to be shared.
  @usableFromInline let lock: UnsafeMutablePointer<pthread_rwlock_t>

  public init() {
    lock = .allocate(capacity: 1)
    var attributes = pthread_rwlockattr_t()
    pthread_rwlockattr_init(&attributes)
    pthread_rwlockattr_setkind_np(&attributes, Int32(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP))
    let code = pthread_rwlock_init(lock, &attributes)
    precondition(code == 0, "pthread_rwlock_init: \(code)")
    pthread_rwlockattr_destroy(&attributes)
  }

  deinit {
    pthread_rwlock_destroy(lock)
    lock.deallocate()
  }

  @inlinable
  public func withReadLock<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
    pthread_rwlock_rdlock(lock)
    defer { pthread_rwlock_unlock(lock) }
    return try body()
  }

  @inlinable
  public func withWriteLock<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
    pthread_rwlock_wrlock(lock)
    defer { pthread_rwlock_unlock(lock) }
    return try body()
  }

  /// Does it, as a writer, only if nobody holds the lock.
  public func withWriteLockIfFree(_ body: () -> Void) {
    guard pthread_rwlock_trywrlock(lock) == 0 else { return }
    defer { pthread_rwlock_unlock(lock) }
    body()
  }
}
