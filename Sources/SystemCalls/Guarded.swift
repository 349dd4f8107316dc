/// A value behind a lock. It is there because `Synchronization.Mutex` can't be used in a process that
/// called fork(2): it keeps the number of the thread for the kernel, and the child's thread has another.
public final class Guarded<Value: ~Copyable>: @unchecked Sendable {
  // Safe to share: `value` is reached under `lock` alone. It lives at an address of its own, so that
  // the lock is all the checking that an access costs.
  @usableFromInline let lock = MutexLock()
  @usableFromInline let value: UnsafeMutablePointer<Value>

  public init(_ initial: consuming sending Value) {
    value = .allocate(capacity: 1)
    value.initialize(to: initial)
  }

  deinit {
    value.deinitialize(count: 1)
    value.deallocate()
  }

  /// Runs `body` with the value while no other thread does. `body` must not come here again.
  @inlinable
  public func withLock<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
    try lock.withLock { () throws(E) -> R in try body(&value.pointee) }
  }

  /// Likewise, unless another thread is at it: then nothing is run, and the answer is nil.
  @inlinable
  public func withLockIfFree<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R? {
    try lock.withLockIfFree { () throws(E) -> R in try body(&value.pointee) }
  }
}
