/// A checksum of 64 bits over a row, to prove that it is what was written. Each word is multiplied into 128 bits whose
/// halves are joined, as in wyhash (Wang Yi 2019); not against somebody who means to deceive.
struct RowChecksum {
  private var state: UInt64 = 0x2D35_8DCC_AA6C_78A5

  mutating func add(_ word: UInt64) {
    let product = (state ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    state = (product.high ^ product.low) &+ 0x8BB8_4B93_962E_ACC9
  }

  mutating func add(_ number: Int64) { add(UInt64(bitPattern: number)) }

  /// Bytes, and how many they are.
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    add(UInt64(bytes.count))
    var offset = 0
    // Within the bytes: eight are left.
    while offset + 8 <= bytes.count {
      add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      offset += 8
    }
    var last: UInt64 = 0
    for byte in bytes[offset...] { last = last << 8 | UInt64(byte) }
    add(last)
  }

  var value: Int64 { Int64(bitPattern: state) }
}

extension RowChecksum {
  static func of(_ record: StoredRecord) -> Int64 {
    var checksum = RowChecksum()
    record.id.withUnsafeBytes { checksum.add($0) }
    checksum.add(
      UInt64(record.kind.rawValue) | UInt64(record.tagCount) << 16 | UInt64(record.tagBytes) << 32
        | UInt64(record.fieldCount) << 48)
    checksum.add(record.version)
    checksum.add(record.created)
    checksum.add(record.ttl)
    checksum.add(record.deadline)
    record.body.withUnsafeBytes { checksum.add($0) }
    return checksum.value
  }
}
