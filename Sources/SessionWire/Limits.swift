/// The bounds of protocol version 1 that no option changes.
public enum Limits {
  /// The most bytes in a session id, a key, or a prefix: the length is one byte in a record.
  public static let nameBytes = 255
  /// The deepest nesting of arrays and objects in a value, so that parsing it needs a bounded stack.
  public static let jsonDepth = 64
  /// The most keys or ids in one MGET, DEL or TOUCH: bounds the work of one request.
  public static let wordsPerRequest = 1024
  /// The most keys in one session: bounds the time that a change holds a shard's lock.
  public static let keysPerSession = 10_000
  /// The shortest and the longest time to live, in nanoseconds: a millisecond and ten years.
  public static let ttlNanoseconds: ClosedRange<Int64> = 1_000_000...315_360_000_000_000_000
  /// The most reads that one READS tells of: the largest whole number that every JSON reader holds exactly.
  public static let readsToldMost: UInt64 = 1 << 53
  /// How many ids one LIST answers with when it names no number, and at most.
  public static let listDefault = 100
  public static let listMost = 1000
}
