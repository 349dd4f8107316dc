import CLinux
import Synchronization

/// How many threads of this process look for messages, instead of sleeping, at this moment: at most half as many as
/// there are processors that it may run on, so none where there is one. Whoever gets no slot sleeps.
public final class PollingSlots: Sendable {
  /// The one of this process. The processors are those that it might run on when this was first asked for
  /// (sched_getaffinity(2)); where that can't be known, nobody looks.
  public static let shared = PollingSlots(most: Int(max(0, linux_allowed_processors())) / 2)

  private static let forkShift: UInt64 = 32

  public let most: Int
  /// How many are taken, in the low half; in the other, the process that took them (`ForkCount`): of a parent's
  /// threads none looks in its child.
  private let state = Atomic<UInt64>(0)

  public init(most: Int) {
    self.most = most
  }

  /// How many threads look now.
  public var taken: Int { Int(Self.taken(state.load(ordering: .relaxed))) }

  /// Whether the calling thread may look; if so, it calls `give` as soon as it no longer does.
  public func tryTake() -> Bool {
    guard most > 0 else { return false }
    var old = state.load(ordering: .relaxed)
    while true {
      let count = Self.taken(old)
      guard count < most else { return false }
      let (done, seen) = state.weakCompareExchange(
        expected: old, desired: Self.process << Self.forkShift | (count + 1), ordering: .relaxed)
      if done { return true }
      old = seen
    }
  }

  public func give() {
    var old = state.load(ordering: .relaxed)
    while Self.taken(old) > 0 {
      let (done, seen) = state.weakCompareExchange(expected: old, desired: old - 1, ordering: .relaxed)
      if done { return }
      old = seen
    }
  }

  private static var process: UInt64 { ForkCount.shared.value & 0xFFFF_FFFF }

  private static func taken(_ state: UInt64) -> UInt64 {
    state >> forkShift == process ? state & 0xFFFF_FFFF : 0
  }
}
