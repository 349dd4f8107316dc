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
  /// What was found, as it was at one moment of the read. Times are nanoseconds of CLOCK_BOOTTIME. It is small
  /// enough to be handed over in registers.
  public struct Found: Sendable, Equatable {
    /// When the session ends if nobody uses it.
    public var deadline: Int64
    /// The idle time to live in nanoseconds.
    public var ttl: Int64
    private var start: UInt32 = 0
    private var count: UInt32 = 0

    init(deadline: Int64, ttl: Int64) {
      self.deadline = deadline
      self.ttl = ttl
    }

    /// Where in the buffer the bytes lie that were asked for.
    @inline(__always)
    public internal(set) var bytes: Range<Int> {
      get { Range(uncheckedBounds: (Int(start), Int(start) &+ Int(count))) }
      set {
        start = UInt32(truncatingIfNeeded: newValue.lowerBound)
        count = UInt32(truncatingIfNeeded: newValue.count)
      }
    }
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

  /// What a session is like but for its keys and values. Times are nanoseconds of CLOCK_BOOTTIME.
  public struct Heading: Sendable, Equatable {
    public var version: UInt64
    public var deadline: Int64
    /// The idle time to live in nanoseconds.
    public var ttl: Int64
    public var created: Int64
    /// When the session ends, by idleness or by its absolute lifetime.
    public var end: Int64
    public var fieldCount: Int
    /// The size of the record in bytes.
    public var size: Int
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

  /// Whether another segment has taken this one's place.
  public var isSuperseded: Bool { load(SegmentHeader.Offset.superseded) != 0 }

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

  /// Reads what a session is like, but for its keys and values; nil if the daemon must be asked.
  public func heading(_ id: UnsafeRawBufferPointer, at now: Int64) -> Heading? {
    var heading: Heading?
    let outcome = repeating(id) { sighting in
      guard let times = times(of: sighting, now) else { return .missing }
      let record = sighting.record
      heading = Heading(
        version: sighting.stamp.version, deadline: times.deadline, ttl: times.ttl, created: times.created,
        end: times.end, fieldCount: Int(SharedWords.load(record + RecordLayout.idLength) >> 48),
        size: Int(SharedWords.load(record + RecordLayout.size) & 0xFFFF_FFFF))
      return .found(Found(deadline: times.deadline, ttl: times.ttl))
    }
    guard case .found = outcome else { return nil }
    return heading
  }

  /// Finds the record, lets `read` copy from it, and looks whether all that was seen is still so.
  @inline(__always)
  private func repeating(_ id: UnsafeRawBufferPointer, _ read: (RecordSighting) -> Outcome) -> Outcome {
    guard !isSuperseded else { return .superseded }
    let hash = SessionHash(id, seed: seed)
    for _ in 0..<Self.attempts {
      let sighting = RecordSighting(self, hash, shard: hash.shard(bitCount: shardBits), id)
      switch sighting.search {
      case .missing: return .missing
      case .doubt: continue
      case .seen:
        let answer = read(sighting)
        // What can't be right although nothing changed is damage.
        if sighting.isUnchanged { return answer }
      }
    }
    return .doubt
  }

  // MARK: Copying

  /// When a session ends and why; nil for one whose time is over.
  @inline(__always)
  private func times(
    of sighting: RecordSighting, _ now: Int64
  ) -> (deadline: Int64, ttl: Int64, created: Int64, end: Int64)? {
    let record = sighting.record
    let deadline = Int64(bitPattern: SharedWords.load(record + RecordLayout.deadline))
    let created = Int64(bitPattern: SharedWords.load(record + RecordLayout.created))
    let lifetime = Int64(bitPattern: load(SegmentHeader.Offset.lifetime))
    let end = lifetime == 0 ? deadline : min(deadline, created &+ lifetime)
    guard end > now else { return nil }
    return (deadline, Int64(bitPattern: SharedWords.load(record + RecordLayout.ttl)), created, end)
  }

  @inline(__always)
  private func copyValue(
    _ sighting: RecordSighting, _ id: UnsafeRawBufferPointer, _ key: UnsafeRawBufferPointer,
    _ now: Int64, _ buffer: UnsafeMutableRawBufferPointer
  ) -> Outcome {
    guard let times = times(of: sighting, now) else { return .missing }
    var found = Found(deadline: times.deadline, ttl: times.ttl)
    let size = Int(SharedWords.load(sighting.record + RecordLayout.size) & 0xFFFF_FFFF)
    // The lengths in it are a record's from here on: those of this one, or no answer.
    guard size <= sighting.room, sighting.hasItsStamp else { return .doubt }
    let bytes = SharedBytes(base: sighting.record)
    let wanted = WantedKey(key)
    let counts = SharedWords.load(sighting.record + RecordLayout.idLength)
    let tagBytes = Int(counts &>> 32 & 0xFFFF)
    var place = RecordLayout.headerBytes &+ id.count
    if tagBytes != 0 { place = Self.behindTags(place, tagBytes) }
    for _ in 0..<Int(counts &>> 48) {
      guard place &+ RecordLayout.fieldHeaderBytes <= size else { return .doubt }
      let header = bytes.word(at: place, bytes: RecordLayout.fieldHeaderBytes)
      let keyLength = Int(header &>> 8 & 0xFF)
      let valueLength = Int(header &>> 16 & 0xFFFF_FFFF)
      let keyStart = place &+ RecordLayout.fieldHeaderBytes
      place = keyStart &+ keyLength &+ valueLength
      guard place <= size, header & 0xFF == RecordLayout.jsonKind else { return .doubt }
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
  ) -> Outcome {
    guard let times = times(of: sighting, now) else { return .missing }
    let size = Int(SharedWords.load(sighting.record + RecordLayout.size) & 0xFFFF_FFFF)
    guard size <= sighting.room, size >= RecordLayout.headerBytes, sighting.hasItsStamp else { return .doubt }
    let words = RecordLayout.wholeWords(size)
    guard words <= buffer.count, let copy = buffer.baseAddress else { return .needs(bytes: words) }
    SharedWords.copy(from: sighting.record, bytes: words, to: copy)
    // Before it is known that nothing changed: so this check, too, stays inside whatever it meets.
    guard RecordView(at: copy).isWellFormed(bytes: size) else { return .doubt }
    var found = Found(deadline: times.deadline, ttl: times.ttl)
    found.bytes = 0..<size
    return .found(found)
  }

  @inline(__always)
  func load(_ offset: Int) -> UInt64 {
    SharedWords.word(base + offset).pointee.load(ordering: .acquiring)
  }
}
