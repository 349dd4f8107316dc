import Synchronization

/// A thread that wants to be woken when something is in the event log.
public final class EventListener: Sendable {
  private let wake: @Sendable () -> Void
  private let isCalled = Atomic<Bool>(false)

  /// - Parameter wake: called from any thread; not again until the listener has come by.
  public init(wake: @escaping @Sendable () -> Void) {
    self.wake = wake
  }

  /// Before the listener looks at the log: what comes into it from now on wakes the listener again.
  public func comeBy() {
    // Acquiring: what was in the log when a call was left out is seen by who looks behind this.
    _ = isCalled.exchange(false, ordering: .acquiringAndReleasing)
  }

  func call() {
    if !isCalled.exchange(true, ordering: .acquiringAndReleasing) { wake() }
  }
}
