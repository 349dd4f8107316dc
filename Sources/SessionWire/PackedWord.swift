/// Short ASCII words as one integer, so that telling commands and options apart needs no string.
enum PackedWord {
  /// A word of more bytes than this is no command and no option: a letter takes five bits.
  static let longest = 12

  /// The letters as numbers from 1 to 26, the first one lowest, whatever their case; nil for a word that
  /// is empty, too long, or has anything but ASCII letters.
  @inline(__always)
  static func pack(_ bytes: borrowing MutableSpan<UInt8>, _ word: Range<Int>) -> UInt64? {
    guard !word.isEmpty, word.count <= longest else { return nil }
    var packed: UInt64 = 0
    var shift: UInt64 = 0
    for index in word {
      let capital = bytes[index] & 0xDF
      guard capital >= UInt8(ascii: "A"), capital <= UInt8(ascii: "Z") else { return nil }
      packed |= UInt64(capital & 0x1F) << shift
      shift += 5
    }
    return packed
  }

  /// The same for a name known when the program was written.
  static func pack(_ name: String) -> UInt64 {
    precondition(name.utf8.count <= longest)
    return name.utf8.reversed().reduce(0) { $0 << 5 | UInt64($1 & 0x1F) }
  }

  static let ifVersion = pack("IF")
  static let ttl = pack("TTL")
  static let drop = pack("DROP")
  static let match = pack("MATCH")
  static let after = pack("AFTER")
  static let limit = pack("LIMIT")
  static let grace = pack("GRACE")
  static let since = pack("SINCE")
}
