import Glibc
import Synchronization

/// Reads a record that nobody changes: under a shard's lock, or in a private copy. It can't be copied, so that
/// it can't outlive the call in which its memory is known to stay.
public struct RecordView: ~Copyable {
  // Unsafe memory: whoever makes a view vouches that a whole record lies at `base` and stays there
  // for the view's life.
  private let base: UnsafeMutableRawPointer

  @inline(__always)
  public init(at base: UnsafeMutableRawPointer) {
    self.base = base
  }

  @inline(__always)
  private func load<T: BitwiseCopyable>(_ offset: Int, as type: T.Type) -> T {
    base.load(fromByteOffset: offset, as: type)
  }

  @inline(__always)
  private func word(_ offset: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
    (base + offset).assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  public var stamp: RecordStamp {
    @inline(__always) get {
      RecordStamp(rawValue: word(RecordLayout.stamp).pointee.load(ordering: .acquiring))
    }
  }
  public var version: UInt64 { @inline(__always) get { stamp.version } }
  /// Nanoseconds of CLOCK_BOOTTIME.
  public var created: Int64 { load(RecordLayout.created, as: Int64.self) }
  /// The idle time to live in nanoseconds.
  public var ttl: Int64 {
    // Relaxed: it stands alone.
    @inline(__always) get { Int64(bitPattern: word(RecordLayout.ttl).pointee.load(ordering: .relaxed)) }
    nonmutating set { word(RecordLayout.ttl).pointee.store(UInt64(bitPattern: newValue), ordering: .relaxed) }
  }
  /// The record's size in bytes.
  public var size: Int { Int(load(RecordLayout.size, as: UInt32.self)) }
  /// Of a kind unknown here only in a damaged record.
  public var kind: RecordKind? { RecordKind(rawValue: load(RecordLayout.kind, as: UInt8.self)) }
  @inline(__always)
  public var isSession: Bool { load(RecordLayout.kind, as: UInt8.self) == RecordKind.session.rawValue }
  public var isAbsence: Bool { kind == .absence }
  public var tagCount: Int { Int(load(RecordLayout.tagCount, as: UInt16.self)) }
  public var fieldCount: Int { Int(load(RecordLayout.fieldCount, as: UInt16.self)) }
  public var checksum: UInt32 { load(RecordLayout.checksum, as: UInt32.self) }

  /// When the session ends if nobody uses it, nanoseconds of CLOCK_BOOTTIME.
  public var deadline: Int64 {
    // Relaxed: the deadline stands alone; nothing else is published with it.
    @inline(__always) get { Int64(bitPattern: word(RecordLayout.deadline).pointee.load(ordering: .relaxed)) }
    nonmutating set {
      word(RecordLayout.deadline).pointee.store(UInt64(bitPattern: newValue), ordering: .relaxed)
    }
  }

  /// When the session was used last, nanoseconds of CLOCK_BOOTTIME, as far as is known: uses are not told for
  /// less than a millisecond, and by readers of a mapping in batches.
  public var lastUse: Int64 { @inline(__always) get { deadline &- ttl } }

  /// Moves the deadline forward, unless it would be by less than `step` nanoseconds, or another reader has
  /// moved it further already.
  @inline(__always)
  public func advanceDeadline(to deadline: Int64, atLeastBy step: Int64) {
    let cell = word(RecordLayout.deadline)
    var seen = cell.pointee.load(ordering: .relaxed)
    while deadline &- Int64(bitPattern: seen) >= step {
      let (exchanged, original) = cell.pointee.weakCompareExchange(
        expected: seen, desired: UInt64(bitPattern: deadline), ordering: .relaxed)
      if exchanged { return }
      seen = original
    }
  }

  /// When the session ends, by idleness or by its absolute lifetime (0: none), whichever is first. A mark has no
  /// lifetime.
  @inline(__always)
  public func end(lifetime: Int64) -> Int64 {
    lifetime == 0 || !isSession ? deadline : min(deadline, created &+ lifetime)
  }

  @inline(__always)
  public func isExpired(at now: Int64, lifetime: Int64) -> Bool { end(lifetime: lifetime) <= now }

  private var idLength: Int { @inline(__always) get { Int(load(RecordLayout.idLength, as: UInt8.self)) } }

  private var idStart: UnsafePointer<UInt8> {
    UnsafePointer((base + RecordLayout.headerBytes).assumingMemoryBound(to: UInt8.self))
  }

  @inline(__always)
  public func hasID(_ id: UnsafeRawBufferPointer) -> Bool {
    idLength == id.count && memcmp(idStart, id.baseAddress!, id.count) == 0
  }

  /// The id as raw bytes, for the allocator's and the index's own code.
  @inline(__always)
  public var rawID: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: idStart, count: idLength) }

  /// Whether it has what a record of its kind has.
  private func hasFieldsOf(_ kind: RecordKind) -> Bool {
    switch kind {
    case .session: true
    case .mark, .absence: fieldCount == 0 && tagCount == 0
    case .alias: fieldCount == 1 && tagCount == 0
    }
  }

  @inline(__always)
  var fieldsStart: UnsafeRawPointer {
    UnsafeRawPointer(base) + RecordLayout.headerBytes + idLength
      + Int(load(RecordLayout.tagBytes, as: UInt16.self))
  }

  /// Whether the lengths in a record of `bytes` bytes add up to it exactly, so that a walk over its fields
  /// stays inside. Without this a view may be made only of what the daemon itself wrote.
  public func isWellFormed(bytes: Int) -> Bool {
    guard bytes >= RecordLayout.headerBytes, size == bytes, idLength > 0, let kind else { return false }
    var place = fieldsStart
    let end = UnsafeRawPointer(base) + bytes
    guard place <= end, areTagsWellFormed, hasFieldsOf(kind) else { return false }
    for _ in 0..<fieldCount {
      guard place + RecordLayout.fieldHeaderBytes <= end else { return false }
      let field = RawField(at: place)
      guard field.kind == RecordLayout.jsonKind, field.keyLength > 0 else { return false }
      place += field.bytes.count
      guard place <= end else { return false }
    }
    return place == end
  }
}
