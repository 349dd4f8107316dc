import SessionSegment

/// What the store is to be told of an id.
public struct UnsavedRecord: Sendable {
  /// `absence`: nothing is left under the id. Without its body where only the times are wanted.
  public let image: RecordImage
  /// Where the index has it, and what it was like, to be known again.
  let shard: Int
  let tag: SlotTag
  let version: UInt64
  let ttl: Int64
  /// Of a session it slides, of a mark it only changes with a change.
  let deadline: Int64
}

/// Where a walk over unsaved records goes on.
public struct UnsavedCursor: Sendable {
  var shard = 0
  var page = PageCursor.start
  /// The versions of those that were taken of the page.
  var taken: Set<UInt64> = []

  public init() {}
}
