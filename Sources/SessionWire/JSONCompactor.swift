/// Checks JSON text (RFC 8259) and takes the white space between its tokens out, in place: what it
/// has read shrinks towards the beginning, so nothing is allocated and nothing outside the range is
/// touched. Strings and numbers stay byte for byte as they were written.
///
/// After an error the bytes of the range are of no use.
struct JSONCompactor {
  /// The next byte to read, the next to write (never ahead of `read`), and where reading ends.
  var read: Int
  var write: Int
  let end: Int
  /// Where byte 1 of an error's text is.
  private let origin: Int

  init(_ range: Range<Int>, origin: Int) {
    read = range.lowerBound
    write = range.lowerBound
    end = range.upperBound
    self.origin = origin
  }

  var isAtEnd: Bool { read == end }

  // MARK: Values

  /// Reads one value, at `depth` arrays and objects already, and answers where it now stands.
  mutating func value(
    _ bytes: inout MutableSpan<UInt8>, depth: Int = 0
  ) throws(RequestError) -> Range<Int> {
    skipSpace(bytes)
    let start = write
    guard read < end else { throw failure("the value is not finished") }
    switch bytes[read] {
    case UInt8(ascii: "\""): try string(&bytes)
    case UInt8(ascii: "{"): try container(&bytes, depth: depth, isObject: true)
    case UInt8(ascii: "["): try container(&bytes, depth: depth, isObject: false)
    case UInt8(ascii: "t"): try literal(&bytes, "true")
    case UInt8(ascii: "f"): try literal(&bytes, "false")
    case UInt8(ascii: "n"): try literal(&bytes, "null")
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number(&bytes)
    default: throw failure("no JSON value begins so")
    }
    return start..<write
  }

  /// After a value: only white space may follow.
  mutating func finish(_ bytes: borrowing MutableSpan<UInt8>) throws(RequestError) {
    skipSpace(bytes)
    guard isAtEnd else { throw failure("more follows after the value") }
  }

  private mutating func container(
    _ bytes: inout MutableSpan<UInt8>, depth: Int, isObject: Bool
  ) throws(RequestError) {
    guard depth < Limits.jsonDepth else {
      throw failure("arrays and objects are nested more than \(Limits.jsonDepth) deep")
    }
    let close = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
    copyByte(&bytes)
    skipSpace(bytes)
    if read < end, bytes[read] == close { return copyByte(&bytes) }
    while true {
      if isObject {
        skipSpace(bytes)
        guard read < end, bytes[read] == UInt8(ascii: "\"") else {
          throw failure("a key in quotes is missing")
        }
        try string(&bytes)
        skipSpace(bytes)
        guard read < end, bytes[read] == UInt8(ascii: ":") else { throw failure("a colon is missing") }
        copyByte(&bytes)
      }
      _ = try value(&bytes, depth: depth + 1)
      skipSpace(bytes)
      guard read < end else { throw failure("the value is not finished") }
      let byte = bytes[read]
      guard byte == UInt8(ascii: ",") || byte == close else {
        throw failure("a comma or a closing bracket is missing")
      }
      copyByte(&bytes)
      if byte == close { return }
    }
  }

  // MARK: Tokens

  private mutating func literal(
    _ bytes: inout MutableSpan<UInt8>, _ word: StaticString
  ) throws(RequestError) {
    let length = word.utf8CodeUnitCount
    guard end - read >= length else { throw failure("the value is not finished") }
    for (offset, byte) in word.description.utf8.enumerated() where bytes[read + offset] != byte {
      throw failure("no JSON value begins so")
    }
    for _ in 0..<length { copyByte(&bytes) }
  }

  /// number = [ "-" ] int [ frac ] [ exp ]
  private mutating func number(_ bytes: inout MutableSpan<UInt8>) throws(RequestError) {
    if bytes[read] == UInt8(ascii: "-") { copyByte(&bytes) }
    let leadsWithZero = read < end && bytes[read] == UInt8(ascii: "0")
    let digits = digits(&bytes)
    guard digits > 0, !leadsWithZero || digits == 1 else {
      throw failure("a number is not written as JSON writes it")
    }
    if read < end, bytes[read] == UInt8(ascii: ".") {
      copyByte(&bytes)
      guard self.digits(&bytes) > 0 else { throw failure("a number is not written as JSON writes it") }
    }
    if read < end, bytes[read] | 0x20 == UInt8(ascii: "e") {
      copyByte(&bytes)
      if read < end, bytes[read] == UInt8(ascii: "+") || bytes[read] == UInt8(ascii: "-") { copyByte(&bytes) }
      guard self.digits(&bytes) > 0 else { throw failure("a number is not written as JSON writes it") }
    }
  }

  private mutating func digits(_ bytes: inout MutableSpan<UInt8>) -> Int {
    let start = read
    while read < end, bytes[read] &- UInt8(ascii: "0") <= 9 { copyByte(&bytes) }
    return read - start
  }

  /// A string kept as it is written, quotes and escapes and all.
  private mutating func string(_ bytes: inout MutableSpan<UInt8>) throws(RequestError) {
    copyByte(&bytes)
    while true {
      copyPlainText(&bytes)
      guard read < end else { break }
      let byte = bytes[read]
      if byte == UInt8(ascii: "\"") { return copyByte(&bytes) }
      if byte == UInt8(ascii: "\\") {
        copyByte(&bytes)
        try escape(&bytes)
      } else {
        for _ in 0..<(try plainLength(bytes, byte)) { copyByte(&bytes) }
      }
    }
    throw failure("a string has no closing quote")
  }

  private mutating func escape(_ bytes: inout MutableSpan<UInt8>) throws(RequestError) {
    guard read < end else { throw failure("a string has no closing quote") }
    switch bytes[read] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      copyByte(&bytes)
    case UInt8(ascii: "u"):
      guard hexUnit(bytes, at: read + 1) != nil else { throw failure("four hexadecimal digits follow \\u") }
      for _ in 0..<5 { copyByte(&bytes) }
    default:
      throw failure("no such escape")
    }
  }

  /// How many bytes the character at `read` takes that stands for itself.
  @inline(__always)
  func plainLength(
    _ bytes: borrowing MutableSpan<UInt8>, _ byte: UInt8
  ) throws(RequestError) -> Int {
    if byte < 0x80 {
      guard byte >= 0x20 else { throw failure("a control character stands in a string") }
      return 1
    }
    guard let length = UTF8Sequence.length(bytes, at: read, before: end) else {
      throw failure("a string is not UTF-8")
    }
    return length
  }

  // MARK: Bytes

  @inline(__always)
  mutating func put(_ byte: UInt8, _ bytes: inout MutableSpan<UInt8>) {
    bytes[write] = byte
    write += 1
  }

  @inline(__always)
  mutating func copyByte(_ bytes: inout MutableSpan<UInt8>) {
    if write != read { bytes[write] = bytes[read] }
    write += 1
    read += 1
  }

  /// Most of a string, usually.
  @inline(__always)
  mutating func copyPlainText(_ bytes: inout MutableSpan<UInt8>) {
    let length = bytes.plainTextLength(from: read, before: end)
    if write != read {
      for offset in 0..<length { bytes[write + offset] = bytes[read + offset] }
    }
    read += length
    write += length
  }

  /// Passes over this byte if it comes next.
  @inline(__always)
  mutating func take(_ byte: UInt8, _ bytes: borrowing MutableSpan<UInt8>) -> Bool {
    guard read < end, bytes[read] == byte else { return false }
    read += 1
    return true
  }

  @inline(__always)
  mutating func skipSpace(_ bytes: borrowing MutableSpan<UInt8>) {
    while read < end {
      switch bytes[read] {
      case 0x20, 0x09, 0x0A, 0x0D: read += 1
      default: return
      }
    }
  }

  @inline(never)
  func failure(_ what: String) -> RequestError {
    RequestError(.badJSON, "\(what), at byte \(read - origin + 1) of the line")
  }
}
