import SessionStore
import SystemCalls

/// The first opening of a store, in a thread of its own: one that was not closed in order looks through all of its
/// file, which may take longer than a start may.
final class StoreOpening: @unchecked Sendable {
  // Safe to share: `result` is guarded by `lock`.
  private let lock = MutexLock()
  private var result: Result<StoreFacts, StoreError>?

  init(_ store: any Store) throws(SystemCallError) {
    let thread = try ServiceThread(name: "store-open") { [self] in
      let result = Result { () throws(StoreError) in try store.open() }
      lock.withLock {
        self.result = result
        lock.signal()
      }
    }
    thread.detach()
  }

  /// What it has answered with.
  ///
  /// - Parameter nanoseconds: how long to wait for that, about.
  func wait(nanoseconds: Int64) -> Result<StoreFacts, StoreError>? {
    lock.withLock {
      if result == nil { lock.wait(nanoseconds: nanoseconds) }
      return result
    }
  }
}
