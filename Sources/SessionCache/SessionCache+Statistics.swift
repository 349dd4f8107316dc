import SessionSegment
import Synchronization

extension SessionCache {
  /// The cache in numbers.
  public struct Statistics: Sendable, Equatable {
    public var sessions: Int
    /// Ids that were revoked or renamed and may not be used for now.
    public var marks: Int
    /// How many tags all sessions have together.
    public var taggedPairs: Int
    /// Bytes of the index of tags, which is not part of the segment.
    public var tagBytes: Int
    /// Bytes of the events kept for watchers, and of the ends that are remembered; not part of the segment either.
    public var eventBytes: Int
    /// Sessions whose time was over and that were reclaimed, since the start.
    public var expired: Int
    /// Sessions that were ended because a write wanted their room, since the start.
    public var evicted: Evicted
    /// Entries that left memory, the store having them, since the start. Counted before they leave.
    public var forgotten: Int
    /// Records that the store has not as they are.
    public var unsaved: Int
    /// The size of the segment in bytes: what `memoryReserved` can grow to.
    public var memoryLimit: Int
    /// Bytes taken from the system.
    public var memoryReserved: Int
    /// Bytes of blocks that hold something.
    public var memoryUsed: Int
    /// Bytes of those that hold the index.
    public var memoryIndex: Int

    public struct Evicted: Sendable, Equatable {
      /// Their time was over already; they are among the expired ones as well.
      public var expired = 0
      public var untagged = 0
      public var tagged = 0
    }
  }

  public var statistics: Statistics {
    let memory = allocator.memory
    let tagIndex = tags.size
    return Statistics(
      sessions: sessionCount, marks: shards.reduce(0) { $0 + $1.markCount.load(ordering: .relaxed) },
      taggedPairs: tagIndex.pairs, tagBytes: tagIndex.bytes,
      eventBytes: events.byteCount + ends.byteCount,
      expired: shards.reduce(0) { $0 + $1.expiredCount.load(ordering: .relaxed) },
      evicted: evictor.evicted, forgotten: forgottenCount.load(ordering: .relaxed), unsaved: unsavedCount,
      memoryLimit: mapping.size,
      memoryReserved: memory.reserved, memoryUsed: memory.used,
      memoryIndex: shards.reduce(0) { $0 + $1.indexBytes.load(ordering: .relaxed) })
  }

  /// How many records have left memory that had nobody's end; counted before they go.
  public var forgotten: Int { forgottenCount.load(ordering: .sequentiallyConsistent) }

  public var sessionCount: Int { shards.reduce(0) { $0 + $1.sessionCount.load(ordering: .relaxed) } }
}
