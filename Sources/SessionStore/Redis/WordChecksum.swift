/// A checksum of 32 bits. Two running sums of 64-bit words, as Fletcher's (1982) of bytes, so that the order counts
/// too; folded by a multiplication at the end.
struct WordChecksum: Sendable {
  private var sum: UInt64 = 0
  private var sumOfSums: UInt64 = 0x9E37_79B9_7F4A_7C15

  mutating func add(_ word: UInt64) {
    sum &+= word
    sumOfSums &+= sum
  }

  /// Bytes, and how many they are.
  mutating func add(_ bytes: [UInt8]) {
    add(UInt64(bytes.count))
    var index = 0
    while index + 8 <= bytes.count {
      var word: UInt64 = 0
      for offset in 0..<8 { word |= UInt64(bytes[index + offset]) << UInt64(8 * offset) }
      add(word)
      index += 8
    }
    var last: UInt64 = 0
    while index < bytes.count {
      last = last << 8 | UInt64(bytes[index])
      index += 1
    }
    add(last)
  }

  var value: UInt32 {
    let (high, low) = (sum ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: sumOfSums | 1)
    let mixed = (high ^ low ^ sumOfSums) &* 0xE703_7ED1_A0B4_28DB
    return UInt32(truncatingIfNeeded: mixed >> 32)
  }
}
