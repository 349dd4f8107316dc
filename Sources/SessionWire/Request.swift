/// One request line, understood. Words are ranges of the line's bytes, already decoded in place.
public enum Request: Equatable, Sendable {
  /// What stands between a write's words and its value.
  public struct WriteOptions: Equatable, Sendable {
    /// `IF version`: the write happens only if the session has this version; 0 means that there is
    /// no such session.
    public var version: UInt64?
    /// `TTL seconds`, in nanoseconds.
    public var ttlNanoseconds: Int64?

    public init(version: UInt64? = nil, ttlNanoseconds: Int64? = nil) {
      self.version = version
      self.ttlNanoseconds = ttlNanoseconds
    }
  }

  case hello
  case ping
  case help
  case quit
  case stats
  case flush
  case get(session: Range<Int>, key: Range<Int>?)
  case peek(session: Range<Int>, key: Range<Int>?)
  /// The keys are the parser's `words`.
  case getMany(session: Range<Int>)
  case set(session: Range<Int>, key: Range<Int>, value: Range<Int>, WriteOptions)
  /// The fields are the parser's `fields`.
  case setMany(session: Range<Int>, WriteOptions)
  case deleteSession(Range<Int>)
  /// The keys are the parser's `words`.
  case deleteKeys(session: Range<Int>)
  case increment(session: Range<Int>, key: Range<Int>, by: Int64)
  case exists(Range<Int>)
  case timeToLive(Range<Int>)
  case expire(session: Range<Int>, ttlNanoseconds: Int64)
  /// The ids are the parser's `words`.
  case touch
  case info(Range<Int>)
  case list(prefix: Range<Int>?, after: Range<Int>?, limit: Int)
  case map
  case reads(hits: UInt64)
}
