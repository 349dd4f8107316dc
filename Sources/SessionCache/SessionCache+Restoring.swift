import SessionSegment
import Synchronization
import SystemCalls

extension SessionCache {
  /// What a session was like that is restored, apart from its keys.
  public struct RestoreOptions: Sendable {
    /// Below 2^52; nil: a new one.
    public var version: UInt64?
    /// Nanoseconds of CLOCK_BOOTTIME, which may be before the machine's start; nil: now.
    public var created: Int64?
    /// The idle time to live in nanoseconds; nil: the default.
    public var ttl: Int64?
    /// When it ends if nobody uses it, nanoseconds of CLOCK_BOOTTIME; nil: one idle time from now.
    public var deadline: Int64?
    /// Ranges of the bytes that the keys and values are ranges of, each of 1 to 255 bytes.
    public var tags: [Range<Int>]

    public init(
      version: UInt64? = nil, created: Int64? = nil, ttl: Int64? = nil, deadline: Int64? = nil,
      tags: [Range<Int>] = []
    ) {
      self.version = version
      self.created = created
      self.ttl = ttl
      self.deadline = deadline
      self.tags = tags
    }
  }

  /// The versions that a session can be restored under: far enough from the last one that there is.
  public static let restoredVersions: Range<UInt64> = 1..<RecordStamp.versionsEnd / 2

  /// Makes a session as it was once, under its version; later versions go on behind that one.
  ///
  /// - Parameters:
  ///   - edits: its keys and values, ranges of `bytes`.
  ///   - options: a version outside `restoredVersions`, or a moment later than now or farther away than ten years, is
  ///     moved to the nearest that is allowed.
  /// - Returns: its version.
  /// - Throws: `revoked`, `renamed`; `conflict` if there is such a session; `full`, `tooLarge`, `tooManyKeys`,
  ///   `tooManyTags`.
  public func restore(
    _ id: Span<UInt8>, _ edits: inout FieldEdits, of bytes: Span<UInt8>, _ options: RestoreOptions,
    at now: Int64, plan: ChangePlan? = nil
  ) throws(CacheError) -> UInt64 {
    var list = TagList()
    bytes.withUnsafeBytes { bytes in
      for tag in options.tags { list.add(UnsafeRawBufferPointer(rebasing: bytes[tag])) }
    }
    guard list.count <= Self.tagsMost else { throw .tooManyTags(list.count) }
    let ttl = options.ttl.map { min(max($0, 1), RecordLayout.ttlMost) }
    let terms = RecordTerms(
      ttl: ttl, deadline: options.deadline.map { min($0, now &+ RecordLayout.ttlMost) },
      created: options.created.map { min($0, now) }, stamp: options.version.map { restoredStamp($0) })
    return try changing(id, at: now, plan: plan) { (session: inout OpenSession) throws(Interruption) in
      try session.requireNoObstacle()
      guard session.place == nil else { throw .failed(.conflict(current: session.version)) }
      return try list.bytes.span.withUnsafeBytes { tags throws(Interruption) in
        try session.rewrite(&edits, bytes, terms, tags: RecordTags(count: list.count, bytes: tags))
      }
    }
  }

  /// A version may be one that was given before, and its record may come to the very block that had it then: it is
  /// told from that one by a number of moves that only restored records have, or some that were moved very often, and
  /// that does not come again soon.
  private func restoredStamp(_ version: UInt64) -> RecordStamp {
    let bounded = min(max(version, Self.restoredVersions.lowerBound), Self.restoredVersions.upperBound - 1)
    header.skipVersions(to: bounded)
    return restoredStamp(exactly: bounded)
  }

  func restoredStamp(exactly version: UInt64) -> RecordStamp {
    let number = restoreCount.wrappingAdd(1, ordering: .relaxed).oldValue
    return RecordStamp(version: version, moves: 64 + Int(number % 128))
  }
}
