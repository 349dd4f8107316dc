/// Short ASCII words as one integer, so that telling commands and options apart needs no string.
enum PackedWord {
  /// A word of more bytes than this is no command and no option: a letter takes five bits.
  static let longest = 12

  /// An ASCII letter as a number from 1 to 26, whatever its case; nil for anything else.
  @inline(__always)
  static func number(ofLetter byte: UInt8) -> UInt64? {
    let capital = byte & 0xDF
    guard capital >= UInt8(ascii: "A"), capital <= UInt8(ascii: "Z") else { return nil }
    return UInt64(capital & 0x1F)
  }

  /// The letters of a name known when the program was written, the first one lowest, as
  /// `WordScanner.peekPacked` puts those of a request together.
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
