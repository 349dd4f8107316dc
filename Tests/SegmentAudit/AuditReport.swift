/// A session as it stands in a segment.
public struct AuditedSession: Sendable, Equatable {
  public let id: [UInt8]
  public let version: UInt64
  /// Nanoseconds of CLOCK_BOOTTIME.
  public let created: Int64
  public let deadline: Int64
  /// The idle time to live in nanoseconds.
  public let ttl: Int64
  public let tags: [[UInt8]]
}

/// An id that was revoked or renamed, as it stands in a segment.
public struct AuditedMark: Sendable, Equatable {
  public let id: [UInt8]
  /// Of an alias: the id that the session has now.
  public let newID: [UInt8]?
  /// Nanoseconds of CLOCK_BOOTTIME: when it is over, and of an alias, until when it is one.
  public let deadline: Int64
  public let graceEnd: Int64?
}

/// What an audit found.
public struct AuditReport: Sendable {
  /// At most `flawsMost` of each kind.
  public internal(set) var flaws: [Flaw] = []
  public static let flawsMost = 10

  public internal(set) var sessions: [AuditedSession] = []
  public internal(set) var marks: [AuditedMark] = []
  /// How many tags all sessions have together.
  public var taggedPairs: Int { sessions.reduce(0) { $0 + $1.tags.count } }
  /// The segment's id, its two words.
  public internal(set) var id: [UInt64] = []
  public internal(set) var lastVersion: UInt64 = 0
  public internal(set) var shards = 0
  /// Bytes of blocks that hold something, and of those that hold the index.
  public internal(set) var usedBytes = 0
  public internal(set) var indexBytes = 0
  /// Bytes of runs, of the spare, and of the pages in front of them.
  public internal(set) var reservedBytes = 0
  /// How the index looks: the depths of the shards' directories and the number of bucket pages.
  public internal(set) var depths: [Int] = []
  public var bucketPages: Int { places.buckets.count }
  public internal(set) var runs = 0

  /// Where what the index leads to lies.
  public internal(set) var places = Places()

  /// Bytes of the segment, from its beginning on.
  public struct Places: Sendable {
    public internal(set) var directories: [Range<Int>] = []
    public internal(set) var buckets: [Range<Int>] = []
    public internal(set) var records: [Range<Int>] = []
    public internal(set) var pageTable = 0..<0
  }

  public var isSound: Bool { flaws.isEmpty }
}
