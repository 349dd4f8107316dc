import Synchronization

/// Tells threads that it is enough.
final class StopFlag: Sendable {
  private let isRaisedNow = Atomic(false)

  // Relaxed: nothing is published with it.
  var isRaised: Bool { isRaisedNow.load(ordering: .relaxed) }

  func raise() { isRaisedNow.store(true, ordering: .relaxed) }
}
