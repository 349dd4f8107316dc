/// Takes a request line apart into words, decoding quoted ones in place.
struct WordScanner {
  private(set) var position: Int
  private let line: Range<Int>

  init(_ line: Range<Int>) {
    self.line = line
    position = line.lowerBound
  }

  /// What has not been read yet.
  var rest: Range<Int> { position..<line.upperBound }

  /// Where byte 1 of an error's text is.
  var origin: Int { line.lowerBound }

  /// Passes over spaces; whether anything stands behind them.
  mutating func hasMore(_ bytes: borrowing MutableSpan<UInt8>) -> Bool {
    while position < line.upperBound, bytes[position] == UInt8(ascii: " ") { position += 1 }
    return position < line.upperBound
  }

  /// The next bare word without taking it: empty where a quote stands, or nothing.
  mutating func peekBare(_ bytes: borrowing MutableSpan<UInt8>) -> Range<Int> {
    guard hasMore(bytes) else { return position..<position }
    var end = position
    while end < line.upperBound, bytes[end] != UInt8(ascii: " "), bytes[end] != UInt8(ascii: "\"") {
      end += 1
    }
    return position..<end
  }

  /// The next bare word as one integer, with its place, without taking it; nil where none comes that has
  /// ASCII letters alone, and at most `PackedWord.longest` of them.
  mutating func peekPacked(
    _ bytes: borrowing MutableSpan<UInt8>
  ) -> (packed: UInt64, range: Range<Int>)? {
    guard hasMore(bytes) else { return nil }
    var packed: UInt64 = 0
    var shift: UInt64 = 0
    var end = position
    while end < line.upperBound, bytes[end] != UInt8(ascii: " "), bytes[end] != UInt8(ascii: "\"") {
      guard let letter = PackedWord.number(ofLetter: bytes[end]), end - position < PackedWord.longest else {
        return nil
      }
      packed |= letter &<< shift
      shift += 5
      end += 1
    }
    guard end > position else { return nil }
    return (packed: packed, range: position..<end)
  }

  /// Passes over a word that was peeked at; a quote may not follow at once.
  mutating func skip(_ word: Range<Int>, _ bytes: borrowing MutableSpan<UInt8>) throws(RequestError) {
    position = word.upperBound
    guard position == line.upperBound || bytes[position] == UInt8(ascii: " ") else {
      throw .syntax("a space is missing behind a command or an option")
    }
  }

  /// The next word, bare or in quotes, decoded; nil at the end of the line.
  mutating func next(_ bytes: inout MutableSpan<UInt8>) throws(RequestError) -> Range<Int>? {
    guard hasMore(bytes) else { return nil }
    guard bytes[position] == UInt8(ascii: "\"") else { return try bareWord(bytes) }
    var decoder = JSONCompactor(rest, origin: origin)
    let word: Range<Int>
    do throws(RequestError) {
      word = try decoder.decodedString(&bytes)
    } catch {
      throw .syntax(error.text)
    }
    position = decoder.read
    guard position == line.upperBound || bytes[position] == UInt8(ascii: " ") else {
      throw .syntax("a space is missing behind a word in quotes")
    }
    return word
  }

  private mutating func bareWord(_ bytes: borrowing MutableSpan<UInt8>) throws(RequestError) -> Range<Int> {
    let start = position
    while position < line.upperBound {
      let byte = bytes[position]
      if byte == UInt8(ascii: " ") { break }
      guard byte != UInt8(ascii: "\"") else {
        throw .syntax("a quote stands inside a word; put the whole word in quotes")
      }
      position += 1
    }
    return start..<position
  }

  /// The next word as a session id, a key or a prefix (`what` names it in errors): 1 to 255 bytes of
  /// UTF-8 without control characters. nil at the end of the line.
  mutating func nextName(
    _ bytes: inout MutableSpan<UInt8>, _ what: StaticString
  ) throws(RequestError) -> Range<Int>? {
    guard hasMore(bytes) else { return nil }
    // Nearly every name is bare and plain, which one pass tells; the rest has the rules of words to go by first.
    let end = position + bytes.plainNameLength(from: position, before: line.upperBound)
    if end == line.upperBound || bytes[end] == UInt8(ascii: " "), end - position <= Limits.nameBytes {
      let name = position..<end
      position = end
      return name
    }
    guard let word = try next(&bytes) else { return nil }
    try WordScanner.check(name: word, what, bytes)
    return word
  }

  static func check(
    name: Range<Int>, _ what: StaticString, _ bytes: borrowing MutableSpan<UInt8>
  ) throws(RequestError) {
    guard !name.isEmpty else { throw .syntax("the \(what) is empty") }
    guard name.count <= Limits.nameBytes else {
      throw .syntax("the \(what) has \(name.count) bytes; the most is \(Limits.nameBytes)")
    }
    var index = name.lowerBound
    while index < name.upperBound {
      let byte = bytes[index]
      if byte < 0x80 {
        guard byte >= 0x20, byte != 0x7F else { throw .syntax("a control character stands in the \(what)") }
        index += 1
        continue
      }
      guard let length = UTF8Sequence.length(bytes, at: index, before: name.upperBound) else {
        throw .syntax("the \(what) is not UTF-8")
      }
      // U+0080 to U+009F are control characters too.
      guard byte != 0xC2 || bytes[index + 1] >= 0xA0 else {
        throw .syntax("a control character stands in the \(what)")
      }
      index += length
    }
  }
}
