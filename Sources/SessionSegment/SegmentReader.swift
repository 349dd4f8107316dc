import Synchronization

/// Reads sessions out of a segment while the daemon writes it: without a lock, without a system call, and
/// without a store into the segment. The daemon and the client library use the same.
///
/// What it keeps with the writer (`SessionCache`):
///
/// 1. The writer fills a block, gives it its stamp, and then publishes it with one store of an index word.
///    The reader loads the index word and then the stamp, both acquiring, so it sees a filled block.
/// 2. The writer takes a stamp away before it does anything else to the block; and no stamp comes back in
///    a block once it is gone. The reader copies by relaxed atomic loads and then looks again, behind an
///    acquiring fence: if the stamp is the same, what it copied is one record.
/// 3. The writer changes a shard's structure number before a page or directory of the shard is used for
///    anything else. If the number is the same at the end, the index word was one of the index.
/// 4. If the index word is the same at the end as well, the record was the session's state at some moment
///    of the read: a record that was written but not yet published, or published no more when the read
///    began, is never answered with.
///
/// If something changed, the read begins anew, a few times. Whatever is read on the way is checked against the
/// mapping before it is used as an offset or a length, so that a read amid a change, or in a damaged file, can
/// come to nothing but never reach outside. That a session is not found proves nothing: entries move.
public struct SegmentReader: Sendable {
  /// What was found, as it was at one moment of the read. Times are nanoseconds of CLOCK_BOOTTIME.
  public struct Found: Sendable, Equatable {
    public var version: UInt64
    /// When the session ends if nobody uses it.
    public var deadline: Int64
    /// The idle time to live in nanoseconds.
    public var ttl: Int64
    public var created: Int64
    /// When the session ends, by idleness or by its absolute lifetime.
    public var end: Int64
    public var fieldCount: Int
    /// The size of the record in bytes.
    public var size: Int
    /// Where in the buffer the bytes lie that were asked for.
    public var bytes: Range<Int>
  }

  public enum Outcome: Sendable, Equatable {
    case found(Found)
    /// The session is there, and has no such key. This can be trusted.
    case noSuchKey(Found)
    /// No such session, or one whose time is over. The daemon must be asked.
    case missing
    /// Something kept changing, or can't be right. The daemon must be asked.
    case doubt
    /// Another segment has taken this one's place.
    case superseded
    /// The buffer must have so many bytes.
    case needs(bytes: Int)
  }

  /// A read of a session that is written all the time: after so many attempts somebody else may try.
  static let attempts = 16

  // Safe to share: the mapping is only read. Whoever holds a reader keeps the mapping.
  nonisolated(unsafe) let base: UnsafeRawPointer
  let size: Int
  private let seed: HashSeed
  private let shardBits: Int

  /// A reader of a mapping that outlives it.
  ///
  /// - Throws: `SegmentError.unfit` if the header is not that of a segment of this size and format.
  public init(_ mapping: SegmentMapping) throws(SegmentError) {
    let header = SegmentHeader(mapping)
    guard let facts = header.facts else { throw .unfit("it is no segment of a format known here") }
    base = UnsafeRawPointer(mapping.base)
    size = mapping.size
    seed = header.seed
    shardBits = facts.geometry.shards.trailingZeroBitCount
  }

  /// Reads the value of one key.
  ///
  /// - Parameters:
  ///   - buffer: gets the bytes of the JSON text; its address is a multiple of eight.
  public func value(
    _ id: UnsafeRawBufferPointer, _ key: UnsafeRawBufferPointer, at now: Int64,
    into buffer: UnsafeMutableRawBufferPointer
  ) -> Outcome {
    repeating(id) { sighting in copyValue(sighting, id, key, now, buffer) }
  }

  /// Reads a whole record, which is well-formed and can be looked at with a `RecordView`.
  ///
  /// - Parameters:
  ///   - buffer: gets the record; its address is a multiple of eight.
  public func record(
    _ id: UnsafeRawBufferPointer, at now: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) -> Outcome {
    repeating(id) { sighting in copyRecord(sighting, id, now, buffer) }
  }

  /// Reads what a session is like, but for its keys and values. The range of bytes is empty.
  public func times(_ id: UnsafeRawBufferPointer, at now: Int64) -> Outcome {
    repeating(id) { sighting in
      guard let found = heading(of: sighting, id, now) else { return .missing }
      return .found(found)
    }
  }

  /// Finds the record, lets `read` copy from it, and looks whether all that was seen is still so.
  ///
  /// - Parameter read: nil stands for doubt.
  @inline(__always)
  private func repeating(_ id: UnsafeRawBufferPointer, _ read: (RecordSighting) -> Outcome?) -> Outcome {
    guard load(SegmentHeader.Offset.superseded) == 0 else { return .superseded }
    let hash = SessionHash(id, seed: seed)
    for _ in 0..<Self.attempts {
      let sighting = RecordSighting(self, hash, shard: hash.shard(bitCount: shardBits), id)
      switch sighting.search {
      case .missing: return .missing
      case .doubt: continue
      case .seen:
        let answer = read(sighting)
        guard sighting.isUnchanged else { continue }
        // What can't be right although nothing changed is damage.
        return answer ?? .doubt
      }
    }
    return .doubt
  }

  // MARK: Copying

  /// The words in front of the id; nil for a session whose time is over.
  @inline(__always)
  private func heading(
    of sighting: RecordSighting, _ id: UnsafeRawBufferPointer, _ now: Int64
  ) -> Found? {
    let record = sighting.record
    let deadline = Int64(bitPattern: SharedWords.load(record + RecordLayout.deadline))
    let created = Int64(bitPattern: SharedWords.load(record + RecordLayout.created))
    let lifetime = Int64(bitPattern: load(SegmentHeader.Offset.lifetime))
    let end = lifetime == 0 ? deadline : min(deadline, created &+ lifetime)
    guard end > now else { return nil }
    return Found(
      version: sighting.stamp.version, deadline: deadline,
      ttl: Int64(bitPattern: SharedWords.load(record + RecordLayout.ttl)), created: created, end: end,
      fieldCount: Int(SharedWords.load(record + RecordLayout.idLength) >> 48),
      size: Int(SharedWords.load(record + RecordLayout.size) & 0xFFFF_FFFF), bytes: 0..<0)
  }

  @inline(__always)
  private func copyValue(
    _ sighting: RecordSighting, _ id: UnsafeRawBufferPointer, _ key: UnsafeRawBufferPointer,
    _ now: Int64, _ buffer: UnsafeMutableRawBufferPointer
  ) -> Outcome? {
    guard var found = heading(of: sighting, id, now) else { return .missing }
    // One word more, since a look at the last bytes may touch it.
    guard found.size &+ 16 <= sighting.room else { return nil }
    let bytes = SharedBytes(base: sighting.record)
    let wanted = WantedKey(key)
    let tagBytes = Int(SharedWords.load(sighting.record + RecordLayout.idLength) &>> 32 & 0xFFFF)
    var place = RecordLayout.headerBytes &+ id.count
    if tagBytes != 0 { place = Self.behindTags(place, tagBytes) }
    for _ in 0..<found.fieldCount {
      guard place &+ RecordLayout.fieldHeaderBytes <= found.size else { return nil }
      let header = bytes.word(at: place)
      let keyLength = Int(header &>> 8 & 0xFF)
      let valueLength = Int(header &>> 16 & 0xFFFF_FFFF)
      let keyStart = place &+ RecordLayout.fieldHeaderBytes
      place = keyStart &+ keyLength &+ valueLength
      guard place <= found.size, header & 0xFF == RecordLayout.jsonKind else { return nil }
      guard keyLength == key.count, wanted.matches(bytes, at: keyStart) else { continue }
      let value = keyStart &+ keyLength
      let first = value & ~7
      let count = RecordLayout.wholeWords(place) &- first
      guard count <= buffer.count else { return .needs(bytes: count) }
      SharedWords.copy(from: sighting.record + first, bytes: count, to: buffer.baseAddress!)
      found.bytes = Range(uncheckedBounds: (value & 7, value & 7 &+ valueLength))
      return .found(found)
    }
    return .noSuchKey(found)
  }

  /// Out of line, so that a record without tags needs no look at its header to know where its fields begin: the
  /// processor fetches both at once then.
  @inline(never)
  private static func behindTags(_ place: Int, _ tagBytes: Int) -> Int { place &+ tagBytes }

  private func copyRecord(
    _ sighting: RecordSighting, _ id: UnsafeRawBufferPointer, _ now: Int64,
    _ buffer: UnsafeMutableRawBufferPointer
  ) -> Outcome? {
    guard var found = heading(of: sighting, id, now) else { return .missing }
    guard found.size <= sighting.room, found.size >= RecordLayout.headerBytes else { return nil }
    let words = RecordLayout.wholeWords(found.size)
    guard words <= buffer.count, let copy = buffer.baseAddress else { return .needs(bytes: words) }
    SharedWords.copy(from: sighting.record, bytes: words, to: copy)
    // Before it is known that nothing changed: so this check, too, stays inside whatever it meets.
    guard RecordView(at: copy).isWellFormed(bytes: found.size) else { return nil }
    found.bytes = 0..<found.size
    return .found(found)
  }

  @inline(__always)
  func load(_ offset: Int) -> UInt64 {
    SharedWords.word(base + offset).pointee.load(ordering: .acquiring)
  }
}
