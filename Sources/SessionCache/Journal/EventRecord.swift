/// How an event lies in the log's memory: a header, the id, and the new id where there is one.
///
///     0    version    64 bits
///     8    kind        8 bits
///     9    id length   8 bits
///     10   new id's    8 bits
///     16   the ids, up to a multiple of eight
struct EventRecord {
  static let headerBytes = 16
  /// A record with two ids of 255 bytes.
  static let bytesMost = 528

  let version: UInt64
  let kind: EventKind
  private let idBytes: Int
  private let toBytes: Int

  init(_ kind: EventKind, version: UInt64, idBytes: Int, toBytes: Int) {
    assert(idBytes <= 255 && toBytes <= 255)
    self.kind = kind
    self.version = version
    self.idBytes = idBytes
    self.toBytes = toBytes
  }

  /// Reads a record that `store` wrote.
  init(reading bytes: RawSpan) {
    // Unsafe in name: of whole numbers every pattern of bits is one, and the bounds are checked.
    let version = bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self)
    let lengths = bytes.unsafeLoadUnaligned(fromByteOffset: 8, as: UInt32.self)
    guard let kind = EventKind(rawValue: UInt8(truncatingIfNeeded: lengths)) else {
      preconditionFailure("a record is written whole")
    }
    self.init(
      kind, version: version, idBytes: Int(lengths >> 8 & 0xFF), toBytes: Int(lengths >> 16 & 0xFF))
  }

  var byteCount: Int { (Self.headerBytes + idBytes + toBytes + 7) & ~7 }

  func id(at position: Int) -> Range<Int> {
    let start = position + Self.headerBytes
    return start..<start + idBytes
  }

  func to(at position: Int) -> Range<Int> {
    let start = position + Self.headerBytes + idBytes
    return start..<start + toBytes
  }

  /// - Parameter place: `byteCount` bytes.
  func store(
    _ id: UnsafeRawBufferPointer, _ to: UnsafeRawBufferPointer?, at place: UnsafeMutableRawBufferPointer
  ) {
    place.storeBytes(of: version, as: UInt64.self)
    let lengths = UInt32(kind.rawValue) | UInt32(idBytes) << 8 | UInt32(toBytes) << 16
    place.storeBytes(of: lengths, toByteOffset: 8, as: UInt32.self)
    UnsafeMutableRawBufferPointer(rebasing: place[Self.headerBytes...]).copyMemory(from: id)
    guard let to else { return }
    UnsafeMutableRawBufferPointer(rebasing: place[(Self.headerBytes + idBytes)...]).copyMemory(from: to)
  }
}
