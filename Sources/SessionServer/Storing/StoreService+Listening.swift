import SessionCache
import SessionStore
import SystemCalls

/// What a shared store tells of others' changes.
extension StoreService {
  /// First whatever is on its way is doubted, then what is there is forgotten: so nothing that was read before the
  /// change can stay.
  func changed(_ ids: [[UInt8]]) {
    withState { state in
      for id in ids {
        state.flights.doubt(id)
        state.changedDuringPage?.insert(id)
      }
    }
    for id in ids { _ = cache.forget(id.span) }
  }

  func missedChanges() {
    withState { state in
      state.flights.doubtAll()
      // What is of the time before any store nobody else has; all else is forgotten once it is in the store.
      if !state.isMemoryAhead { state.mustForgetAll = true }
    }
    saver.wake()
  }

  func lost(_ reason: String) {
    noteAway(reason, .loading)
  }
}

/// Hears from the store before the service that it is made for is there.
final class StoreEars: StoreListener, @unchecked Sendable {
  // Safe to share: the rest is guarded by `lock`.
  private let lock = MutexLock()
  private weak var service: StoreService?
  /// Whether changes were missed before the service was there.
  private var hasMissed = false

  func listen(for service: StoreService) {
    let hasMissed = lock.withLock {
      self.service = service
      return self.hasMissed
    }
    if hasMissed { service.missedChanges() }
  }

  private var listening: StoreService? { lock.withLock { service } }

  func changed(_ ids: [[UInt8]]) { listening?.changed(ids) }

  func missedChanges() {
    let listening = lock.withLock {
      if service == nil { hasMissed = true }
      return service
    }
    listening?.missedChanges()
  }

  func lost(_ reason: String) { listening?.lost(reason) }
}
