/// Short ASCII words as one integer, so that telling commands and options apart needs no string.
enum PackedWord {
  /// A word of more bytes than this is no command and no option.
  static let longest = 8

  /// The bytes in capitals, the first one lowest; nil for a word that is empty, too long, or has
  /// anything but ASCII letters.
  @inline(__always)
  static func pack(_ bytes: borrowing MutableSpan<UInt8>, _ word: Range<Int>) -> UInt64? {
    guard !word.isEmpty, word.count <= longest else { return nil }
    var packed: UInt64 = 0
    var shift: UInt64 = 0
    for index in word {
      let capital = bytes[index] & 0xDF
      guard capital >= UInt8(ascii: "A"), capital <= UInt8(ascii: "Z") else { return nil }
      packed |= UInt64(capital) << shift
      shift += 8
    }
    return packed
  }

  /// The same for a name known when the program was written.
  static func pack(_ name: String) -> UInt64 {
    precondition(name.utf8.count <= longest)
    return name.utf8.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  static let ifVersion = pack("IF")
  static let ttl = pack("TTL")
  static let match = pack("MATCH")
  static let after = pack("AFTER")
  static let limit = pack("LIMIT")
}
