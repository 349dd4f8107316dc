import SessionSegment
import Synchronization
import SystemCalls

extension SessionCache {
  /// What a write asks for besides its keys.
  public struct WriteOptions: Sendable {
    /// The version that the session must have; 0: there must be no such session; nil: whatever it has.
    public var version: UInt64?
    /// A new idle time to live in nanoseconds; nil: the session's own, or the default for a new one.
    public var ttl: Int64?
    /// The id is new, as a random one is: with a store behind the cache that need not be asked.
    public var assumesAbsent: Bool

    public init(version: UInt64? = nil, ttl: Int64? = nil, assumesAbsent: Bool = false) {
      self.version = version
      self.ttl = ttl
      self.assumesAbsent = assumesAbsent
    }
  }

  /// Changes a session, or makes it: all the edits or none. Slides the time to live.
  ///
  /// - Parameters:
  ///   - edits: ranges of `bytes`.
  /// - Returns: the session's new version.
  /// - Throws: `revoked`, `renamed`, `conflict`, `full`, `tooLarge`, `tooManyKeys`.
  public func write(
    _ id: Span<UInt8>, _ edits: inout FieldEdits, of bytes: Span<UInt8>, _ options: WriteOptions,
    at now: Int64, plan: ChangePlan? = nil
  ) throws(CacheError) -> UInt64 {
    try changing(id, at: now, plan: plan, assumesAbsent: options.assumesAbsent) {
      (session: inout OpenSession) throws(Interruption) in
      try session.requireNoObstacle()
      if let wanted = options.version, wanted != session.version {
        throw .failed(.conflict(current: session.version))
      }
      return try session.rewrite(&edits, bytes, RecordTerms(ttl: options.ttl))
    }
  }

  /// Adds to a whole number, 0 where there is no such session or key. Slides the time to live.
  ///
  /// - Returns: the sum.
  /// - Throws: `revoked`, `renamed`, `notANumber`, `overflow`, `full`, `tooLarge`, `tooManyKeys`.
  public func increment(
    _ id: Span<UInt8>, key: Span<UInt8>, by amount: Int64, _ edits: inout FieldEdits, at now: Int64,
    plan: ChangePlan? = nil
  ) throws(CacheError) -> Int64 {
    try changing(id, at: now, plan: plan) { (session: inout OpenSession) throws(Interruption) in
      try session.requireNoObstacle()
      let old = try session.number(key)
      let (sum, overflow) = old.addingReportingOverflow(amount)
      guard !overflow else { throw .failed(.overflow) }
      var text = NumberText(sum)
      let bytes = text.joined(with: key)
      edits.set(key: bytes.key, to: bytes.value)
      _ = try session.rewrite(&edits, text.span, RecordTerms())
      return sum
    }
  }

  /// Takes keys out of a session; the session stays, also without any key. Slides the time to live.
  ///
  /// - Returns: how many of the keys there were; 0 without such a session.
  /// - Throws: `revoked`, `renamed`; `full` if not even a smaller record has room.
  public func removeKeys(
    _ id: Span<UInt8>, _ edits: inout FieldEdits, of bytes: Span<UInt8>, at now: Int64,
    plan: ChangePlan? = nil
  ) throws(CacheError) -> Int {
    try changing(id, at: now, plan: plan) { (session: inout OpenSession) throws(Interruption) in
      try session.requireNoObstacle()
      return try session.removeKeys(&edits, bytes)
    }
  }

  /// Gives a session a new idle time to live, in nanoseconds, counted from now; whether there is one.
  ///
  /// - Throws: `revoked`, `renamed`.
  public func setTTL(
    _ id: Span<UInt8>, to ttl: Int64, at now: Int64, plan: ChangePlan? = nil
  ) throws(CacheError) -> Bool {
    try changing(id, at: now, plan: plan) { (session: inout OpenSession) throws(Interruption) in
      try session.requireNoObstacle()
      return session.setTTL(to: ttl)
    }
  }

  // MARK: Under the lock

  /// Runs a change of one session under its shard's exclusive lock, again and again while the
  /// allocator must first get pages.
  ///
  /// - Throws: `notResident` if nothing is known of the id.
  func changing<R>(
    _ id: Span<UInt8>, at now: Int64, plan: ChangePlan? = nil, assumesAbsent: Bool = false,
    _ body: (inout OpenSession) throws(Interruption) -> R
  ) throws(CacheError) -> R {
    try id.withUnsafeBytes { id throws(CacheError) -> R in
      let hash = hash(id)
      let shard = shard(hash)
      var earliest = DueTick.never
      let writer = (session: SparedSession(id: id, hash: hash), now: now)
      let result = try refilling(for: writer) { () throws(Interruption) -> R in
        var ended = EndedRecords()
        defer { ended.release(to: self) }
        return try shard.lock.withWriteLock { () throws(Interruption) -> R in
          var session = OpenSession(
            self, shard, hash, id, now, plan: plan, assumesAbsent: assumesAbsent)
          defer { ended = session.ended }
          if session.isUnknown { throw .failed(.notResident([UInt8](id))) }
          let result = try body(&session)
          earliest = DueTick(rawValue: shard.earliestDue.load(ordering: .sequentiallyConsistent))
          return result
        }
      }
      wakeReclaimerIfNeeded(due: earliest)
      wakeReclaimerIfSurplus()
      return result
    }
  }
}
