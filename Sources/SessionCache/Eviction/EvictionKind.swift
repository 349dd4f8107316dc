import SessionSegment

/// The kinds of sessions by which a full cache chooses whom to end: those of the first kind before any of the
/// second. (Sessions whose time is over go before both, and need no choosing.)
enum EvictionKind: Int, CaseIterable {
  /// Anonymous visitors, as a rule.
  case untagged
  /// Users who are logged in, as a rule.
  case tagged

  /// nil for what is no session, and is never evicted. With a store behind the cache nothing ends by leaving memory,
  /// and all that was idle for long goes first, whatever it is.
  @inline(__always)
  init?(_ record: borrowing RecordView, isBacked: Bool) {
    if isBacked {
      self = .untagged
    } else {
      guard record.isSession else { return nil }
      self = record.tagCount == 0 ? .untagged : .tagged
    }
  }
}

/// A session that may be evicted: where the index has it, and when it was used. It may have been used since, so
/// that the time is the earliest that can be true.
struct EvictionEntry: Equatable, Comparable {
  /// Nanoseconds of CLOCK_BOOTTIME.
  var lastUse: Int64
  let shard: UInt32
  /// The few other sessions that may share it are no trouble: of those the one with the earliest use is meant.
  let tag: SlotTag

  init(lastUse: Int64, shard: Int, tag: SlotTag) {
    self.lastUse = lastUse
    self.shard = UInt32(shard)
    self.tag = tag
  }

  static func < (a: EvictionEntry, b: EvictionEntry) -> Bool { a.lastUse < b.lastUse }
}
