import CLinux
public import Synchronization

/// Tells a process from the one that it was forked from (fork(2), pthread_atfork(3)).
public struct ForkCount: Sendable {
  // Safe to share: the place is there for the life of the process, and is written only in a child that
  // has no other thread yet.
  @usableFromInline nonisolated(unsafe) let place: UnsafePointer<Atomic<UInt64>>

  /// The one of this process.
  public static let shared = ForkCount()

  private init() {
    guard let place = linux_fork_count() else { preconditionFailure("pthread_atfork: out of memory") }
    // An Atomic<UInt64> has the size, the alignment and the representation of a UInt64.
    self.place = UnsafeRawPointer(place).assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  /// One more than in the parent, in each child.
  @inlinable @inline(__always)
  public var value: UInt64 { place.pointee.load(ordering: .relaxed) }
}
