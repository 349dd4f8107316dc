/// The bounds of protocol version 1 that no option changes.
public enum Limits {
  /// The most bytes in a session id, a key, a tag, or a prefix: the length is one byte in a record.
  public static let nameBytes = 255
  /// The deepest nesting of arrays and objects in a value, so that parsing it needs a bounded stack.
  public static let jsonDepth = 64
  /// The most keys, ids or tags in one MGET, DEL, TOUCH, REVOKE, TAG, UNTAG or RESTORE: bounds the work of
  /// one request.
  public static let wordsPerRequest = 1024
  /// The most keys in one session: bounds the time that a change holds a shard's lock.
  public static let keysPerSession = 10_000
  /// The most tags of one session: each is one more entry to change when the session ends.
  public static let tagsPerSession = 64
  /// The most ids that one connection watches: bounds what an event is compared with.
  public static let watchedIDs = 1024
  /// The shortest and the longest time to live, in nanoseconds: a millisecond and ten years.
  public static let ttlNanoseconds: ClosedRange<Int64> = 1_000_000...315_360_000_000_000_000
  /// The most reads that one READS tells of: the largest whole number that every JSON reader holds exactly.
  public static let readsToldMost: UInt64 = 1 << 53
  /// How many ids one LIST answers with when it names no number, and at most.
  public static let listDefault = 100
  public static let listMost = 1000
  /// The same for TAGGED.
  public static let taggedDefault = 100
  public static let taggedMost = 1000
  /// The greatest version that RESTORE gives. The versions behind it are for the changes that follow, and
  /// at a million a second last for a hundred years.
  public static let restoredVersionMost: UInt64 = (1 << 52) - 1
}
