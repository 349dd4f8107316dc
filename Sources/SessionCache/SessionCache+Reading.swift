public import SessionSegment
import SystemCalls

extension SessionCache {
  /// Calls `body` with a session that lives, under its shard's shared lock; nil without such a session.
  ///
  /// - Parameters:
  ///   - sliding: whether this is a use, which starts the idle time anew.
  ///   - followsAliases: whether a session that was renamed a moment ago is found under its old id.
  ///   - body: must be quick, and must not call the cache.
  @inlinable
  public func read<R>(
    _ id: Span<UInt8>, at now: Int64, sliding: Bool, followsAliases: Bool = true,
    _ body: (borrowing RecordView) -> R
  ) -> R? {
    var result: R?
    visit(id, at: now, sliding: sliding, followsAliases: followsAliases) { record in result = body(record) }
    return result
  }

  /// What `read` does, not generic, so that other modules need no copy of it to be quick.
  @usableFromInline
  func visit(
    _ id: Span<UInt8>, at now: Int64, sliding: Bool, followsAliases: Bool,
    _ body: (borrowing RecordView) -> Void
  ) {
    guard case .alias(let newID) = readRecord(id, at: now, sliding: sliding, body), followsAliases else {
      return
    }
    _ = readRenamed(newID, at: now, sliding: sliding, body)
  }

  private enum Reading {
    /// There is none, unless a store has it.
    case unknown
    /// It is known that there is none.
    case none
    /// There is one, with which the body was called.
    case session
    case mark
    case alias(for: [UInt8])
  }

  /// Whether there is a session. Out of line: hardly any read takes this way.
  @inline(never)
  private func readRenamed(
    _ newID: [UInt8], at now: Int64, sliding: Bool, _ body: (borrowing RecordView) -> Void
  ) -> Bool {
    var id = newID
    for _ in 0..<Self.aliasHopsMost {
      switch readRecord(id.span, at: now, sliding: sliding, body) {
      case .session: return true
      case .unknown, .none, .mark: return false
      case .alias(let next): id = next
      }
    }
    return false
  }

  private func readRecord(
    _ id: Span<UInt8>, at now: Int64, sliding: Bool, _ body: (borrowing RecordView) -> Void
  ) -> Reading {
    id.withUnsafeBytes { id -> Reading in
      let hash = hash(id)
      let shard = shard(hash)
      let lifetime = header.lifetimeNanoseconds
      return shard.lock.withReadLock { () -> Reading in
        guard let place = shard.find(hash.tag, id) else { return .unknown }
        let record = shard.record(at: place.offset)
        guard !record.isExpired(at: now, lifetime: lifetime) else {
          // Somebody else may have used it since.
          return backing == .shared ? .unknown : .none
        }
        guard record.isSession else {
          if record.isAbsence { return .none }
          return record.isReadableAlias(at: now) ? .alias(for: record.newID) : .mark
        }
        if sliding { Self.slide(record, at: now) }
        body(record)
        return .session
      }
    }
  }

  /// Starts the idle time anew. Only forwards, so that a slower request with an older clock reading
  /// shortens nobody's session, and not for less than a millisecond, so that a session read all the
  /// time is not written all the time.
  @inline(__always)
  static func slide(_ record: borrowing RecordView, at now: Int64) {
    record.advanceDeadline(to: now &+ record.ttl, atLeastBy: 1_000_000)
  }

  /// What a session and its record are like, without a use of it.
  public struct Information: Sendable, Equatable {
    public var version: UInt64
    /// Nanoseconds until the session ends if nobody uses it.
    public var remaining: Int64
    /// The idle time to live in nanoseconds.
    public var ttl: Int64
    /// Nanoseconds since the session was made.
    public var age: Int64
    public var keys: Int
    /// The bytes of the record's block.
    public var bytes: Int
  }

  /// Does not slide the time to live, and takes the shard's lock only where the reader is in doubt.
  public func information(_ id: Span<UInt8>, at now: Int64) -> Information? {
    if let found = id.withUnsafeBytes({ reader.heading($0, at: now) }) {
      return Information(
        version: found.version, remaining: found.end - now, ttl: found.ttl, age: now - found.created,
        keys: found.fieldCount, bytes: found.size)
    }
    return inspect(id, at: now) { information, _ in information }
  }

  /// A session and what its record is like, all of one moment, without a use of it; nil without such a session.
  ///
  /// - Parameters:
  ///   - followsAliases: whether a session that was renamed a moment ago is found under its old id.
  ///   - body: must be quick, and must not call the cache.
  public func inspect<R>(
    _ id: Span<UInt8>, at now: Int64, followsAliases: Bool = true,
    _ body: (Information, borrowing RecordView) -> R
  ) -> R? {
    let lifetime = header.lifetimeNanoseconds
    return read(id, at: now, sliding: false, followsAliases: followsAliases) { record in
      let information = Information(
        version: record.version, remaining: record.end(lifetime: lifetime) - now, ttl: record.ttl,
        age: now - record.created, keys: record.fieldCount, bytes: record.size)
      return body(information, record)
    }
  }

  /// Slides the time to live of a session; whether there is one.
  ///
  /// - Throws: `revoked`, `notResident`.
  public func touch(_ id: Span<UInt8>, at now: Int64) throws(CacheError) -> Bool {
    switch readRecord(id, at: now, sliding: true, { _ in }) {
    case .session: return true
    case .none: return false
    case .unknown:
      if isBacked { throw .notResident(id.withUnsafeBytes { [UInt8]($0) }) }
      return false
    case .mark: throw .revoked
    case .alias(let newID):
      if readRenamed(newID, at: now, sliding: true, { _ in }) { return true }
      if let unknown = firstUnknown(newID.span, orLiving: true, at: now) { throw .notResident(unknown) }
      return false
    }
  }

  /// What a store has to be asked for before it is known whether there is such a session: the id itself, or one that
  /// its aliases lead to. nil if all is known, or without a store.
  ///
  /// - Parameters:
  ///   - orLiving: asked behind a read that found no session: one that there is now came to memory since, so what was
  ///     found is not known either, and is to be asked for again.
  ///   - followsAliases: as that read did.
  public func firstUnknown(
    _ id: Span<UInt8>, orLiving: Bool = false, followsAliases: Bool = true, at now: Int64
  ) -> [UInt8]? {
    guard isBacked else { return nil }
    var id = id.withUnsafeBytes { [UInt8]($0) }
    for _ in 0...Self.aliasHopsMost {
      switch readRecord(id.span, at: now, sliding: false, { _ in }) {
      case .unknown: return id
      case .session: return orLiving ? id : nil
      case .none, .mark: return nil
      case .alias(let next):
        guard followsAliases else { return nil }
        id = next
      }
    }
    return nil
  }

  /// The tags of a session, in the order in which they were added; nil without such a session. Does not slide the
  /// time to live.
  public func tags(of id: Span<UInt8>, at now: Int64) -> [[UInt8]]? {
    read(id, at: now, sliding: false) { record in
      var tags: [[UInt8]] = []
      record.forEachTag { tags.append([UInt8]($0)) }
      return tags
    }
  }
}
