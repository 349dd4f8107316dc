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
  init(reading bytes: Span<UInt8>) {
    var version: UInt64 = 0
    for index in 0..<8 { version |= UInt64(bytes[index]) << UInt64(8 * index) }
    guard let kind = EventKind(rawValue: bytes[8]) else { preconditionFailure("a record is written whole") }
    self.init(kind, version: version, idBytes: Int(bytes[9]), toBytes: Int(bytes[10]))
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
    place.storeBytes(of: version.littleEndian, as: UInt64.self)
    place[8] = kind.rawValue
    place[9] = UInt8(idBytes)
    place[10] = UInt8(toBytes)
    UnsafeMutableRawBufferPointer(rebasing: place[Self.headerBytes...]).copyMemory(from: id)
    guard let to else { return }
    UnsafeMutableRawBufferPointer(rebasing: place[(Self.headerBytes + idBytes)...]).copyMemory(from: to)
  }
}
