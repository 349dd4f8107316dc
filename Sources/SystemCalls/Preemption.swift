import CLinux
import Glibc

/// Whether others want the processor on which the calling thread runs: whether the kernel took it away from the thread
/// of late to give it to somebody else (getrusage(2), ru_nivcsw). What a hypervisor takes away is not counted: no
/// thread on this machine would get it.
public struct Preemption: Sendable {
  /// What was counted so many nanoseconds ago or earlier is of no interest.
  public static let memory: Int64 = 10_000_000

  private let count: @Sendable () -> Int
  private var known: (count: Int, moment: Int64, thread: pthread_t)?

  /// - Parameter count: how often it happened to the calling thread so far; grows.
  public init(count: @escaping @Sendable () -> Int = Preemption.ofThisThread) {
    self.count = count
  }

  /// To be told now and then, so that older ones don't count. Asks the kernel once in `memory` at most.
  ///
  /// - Parameter now: nanoseconds of any clock, always the same one.
  public mutating func note(at now: Int64) {
    if let known, now - known.moment < Self.memory, known.thread == pthread_self() { return }
    known = (count(), now, pthread_self())
  }

  /// Whether it happened since it was noted, or asked for, last; no, if another thread did that.
  public mutating func happened(by now: Int64) -> Bool {
    let before = known
    let count = count()
    known = (count, now, pthread_self())
    guard let before, before.thread == pthread_self() else { return false }
    return count > before.count
  }

  @Sendable public static func ofThisThread() -> Int {
    linux_preemptions()
  }
}
