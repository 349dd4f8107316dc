/// How a record is written as the value of a key. Numbers are little-endian.
///
///     0    "SsD1"                        what this is, and its format
///     4    version   (64 bits)           the scripts give it
///     12   deadline  (64 bits)           the scripts move it
///     20   version and deadline again    so that damage shows where the checksum can't know
///     36   created   (64 bits)           from here on as the daemon has sent it
///     44   ttl       (64 bits)
///     52   checksum  (32 bits)           of all from 36 on but itself, and of the id
///     56   kind, number of tags, bytes of tags, number of fields (16 bits each)
///     64   body
///
/// The id is in the key. The scripts (RedisScript) read the header by these places.
enum RedisValue {
  static let magic = "SsD1"
  static let headerBytes = 64
  /// Where what a daemon sends begins.
  static let restOffset = 36
  /// No version is as great: it would not fit a number of Lua.
  static let versionBound: UInt64 = 1 << 53

  enum Finding: Sendable, Equatable {
    case record(StoredRecord)
    /// Ours, but not as it was written.
    case damaged
    /// Not of this format.
    case foreign
  }

  /// What follows version and deadline.
  static func rest(of record: StoredRecord) -> [UInt8] {
    var rest: [UInt8] = []
    rest.reserveCapacity(headerBytes - restOffset + record.body.count)
    append(UInt64(bitPattern: record.created), to: &rest)
    append(UInt64(bitPattern: record.ttl), to: &rest)
    append(checksum(of: record), to: &rest)
    append(UInt16(record.kind.rawValue), to: &rest)
    append(record.tagCount, to: &rest)
    append(record.tagBytes, to: &rest)
    append(record.fieldCount, to: &rest)
    rest.append(contentsOf: record.body)
    return rest
  }

  static func deadline(_ deadline: Int64) -> [UInt8] {
    var bytes: [UInt8] = []
    append(UInt64(bitPattern: deadline), to: &bytes)
    return bytes
  }

  /// What a header says of the kind and the end; nil if it is none of ours.
  static func header(of value: [UInt8]) -> (kind: StoredRecord.Kind, deadline: Int64)? {
    guard value.count >= headerBytes, value.starts(with: magic.utf8), value[4..<20] == value[20..<36],
      let kind = StoredRecord.Kind(rawValue: value[56]), value[57] == 0
    else { return nil }
    return (kind, Int64(bitPattern: number(value, 12)))
  }

  static func read(_ value: [UInt8], id: [UInt8]) -> Finding {
    guard value.starts(with: magic.utf8) else { return .foreign }
    guard let header = header(of: value) else { return .damaged }
    let record = StoredRecord(
      id: id, kind: header.kind, version: number(value, 4), created: Int64(bitPattern: number(value, 36)),
      ttl: Int64(bitPattern: number(value, 44)), deadline: header.deadline,
      tagCount: number(value, 58), tagBytes: number(value, 60), fieldCount: number(value, 62),
      body: [UInt8](value[headerBytes...]))
    guard 1..<versionBound ~= record.version, number(value, 52) as UInt32 == checksum(of: record) else {
      return .damaged
    }
    return .record(record)
  }

  /// Of all that a daemon decides: not of version and deadline.
  private static func checksum(of record: StoredRecord) -> UInt32 {
    var checksum = WordChecksum()
    checksum.add(UInt64(bitPattern: record.created))
    checksum.add(UInt64(bitPattern: record.ttl))
    checksum.add(
      UInt64(record.kind.rawValue) | UInt64(record.tagCount) << 16 | UInt64(record.tagBytes) << 32
        | UInt64(record.fieldCount) << 48)
    checksum.add(record.id)
    checksum.add(record.body)
    return checksum.value
  }

  private static func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout [UInt8]) {
    for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  private static func number<Number: FixedWidthInteger>(_ bytes: [UInt8], _ offset: Int) -> Number {
    var number: Number = 0
    for index in (0..<Number.bitWidth / 8).reversed() {
      number = number << 8 | Number(truncatingIfNeeded: bytes[offset + index])
    }
    return number
  }
}
