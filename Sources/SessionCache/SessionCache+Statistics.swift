import SessionSegment
import Synchronization

extension SessionCache {
  /// The cache in numbers.
  public struct Statistics: Sendable, Equatable {
    public var sessions: Int
    /// Sessions whose time was over and that were reclaimed, since the start.
    public var expired: Int
    /// The size of the segment in bytes: what `memoryReserved` can grow to.
    public var memoryLimit: Int
    /// Bytes taken from the system.
    public var memoryReserved: Int
    /// Bytes of blocks that hold something.
    public var memoryUsed: Int
    /// Bytes of those that hold the index.
    public var memoryIndex: Int
  }

  public var statistics: Statistics {
    let memory = allocator.memory
    return Statistics(
      sessions: shards.reduce(0) { $0 + $1.sessionCount.load(ordering: .relaxed) },
      expired: shards.reduce(0) { $0 + $1.expiredCount.load(ordering: .relaxed) }, memoryLimit: mapping.size,
      memoryReserved: memory.reserved, memoryUsed: memory.used,
      memoryIndex: shards.reduce(0) { $0 + $1.indexBytes.load(ordering: .relaxed) })
  }

  public var sessionCount: Int { shards.reduce(0) { $0 + $1.sessionCount.load(ordering: .relaxed) } }
}
