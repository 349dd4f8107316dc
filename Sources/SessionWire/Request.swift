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

  /// What RESTORE names beside the session's id, its tags and its data; nil where it leaves that open.
  public struct Restoration: Equatable, Sendable {
    /// The version that the session is to have.
    public var version: UInt64?
    /// When it was created, in nanoseconds since 1970.
    public var created: Int64?
    /// Its idle time, in nanoseconds.
    public var ttlNanoseconds: Int64?
    /// When it ends if nobody uses it, in nanoseconds since 1970.
    public var expires: Int64?

    public init(
      version: UInt64? = nil, created: Int64? = nil, ttlNanoseconds: Int64? = nil, expires: Int64? = nil
    ) {
      self.version = version
      self.created = created
      self.ttlNanoseconds = ttlNanoseconds
      self.expires = expires
    }
  }

  case hello
  case ping
  case help
  case quit
  case stats
  case metrics
  case flush
  case get(session: Range<Int>, key: Range<Int>?)
  case peek(session: Range<Int>, key: Range<Int>?)
  /// The keys are the parser's `words`.
  case getMany(session: Range<Int>)
  case set(session: Range<Int>, key: Range<Int>, value: Range<Int>, WriteOptions)
  /// The fields are the parser's `fields`, the keys to remove its `words`; a key that is both is a field.
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
  /// NEW. The fields are the parser's `fields`.
  case create(ttlNanoseconds: Int64?)
  case rename(session: Range<Int>, to: Range<Int>?, graceNanoseconds: Int64?)
  /// The ids are the parser's `words`.
  case revoke
  case revokeAll(tag: Range<Int>)
  /// The tags are the parser's `words`.
  case tag(session: Range<Int>)
  /// The tags are the parser's `words`.
  case untag(session: Range<Int>)
  case tagged(tag: Range<Int>, after: Range<Int>?, limit: Int)
  /// The ids are the parser's `words`.
  case watch(since: UInt64?)
  /// WATCH of every session.
  case watchAll(since: UInt64?)
  case unwatch
  case why(Range<Int>)
  case dump(Range<Int>)
  /// The tags are the parser's `words`, the data its `fields`.
  case restore(session: Range<Int>, Restoration)
  case list(prefix: Range<Int>?, after: Range<Int>?, limit: Int)
  case map
  case reads(hits: UInt64)

  /// Whether it is for the role `admin` alone although its command is for others, too: `WATCH *` tells of
  /// sessions whose ids the watcher need not know.
  public var needsAdmin: Bool {
    if case .watchAll = self { true } else { false }
  }
}
