/// How sessions come by their ids: NEW RENAME.
extension RequestParser {
  mutating func create(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>
  ) throws(RequestError) -> Request {
    var ttl: Int64?
    while let word = scanner.peekPacked(bytes), word.packed == PackedWord.ttl {
      try scanner.skip(word.range, bytes)
      guard ttl == nil else { throw .syntax("TTL stands twice") }
      ttl = try seconds(&scanner, &bytes, "TTL")
    }
    if scanner.hasMore(bytes) {
      try readFields(scanner, &bytes)
    } else {
      fields.removeAll(keepingCapacity: true)
    }
    return .create(ttlNanoseconds: ttl)
  }

  /// A bare GRACE is always the option: were it taken for the new id where its number is missing, a slip
  /// of the pen would give a session an id that anybody can guess.
  func rename(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>
  ) throws(RequestError) -> Request {
    let session = try session(&scanner, &bytes, .rename)
    var new: Range<Int>?
    if !isGrace(&scanner, bytes) { new = try scanner.nextName(&bytes, "new session id") }
    var grace: Int64?
    if isGrace(&scanner, bytes) {
      try scanner.skip(scanner.peekBare(bytes), bytes)
      grace = try seconds(&scanner, &bytes, "GRACE")
    }
    try end(&scanner, bytes, .rename)
    return .rename(session: session, to: new, graceNanoseconds: grace)
  }

  private func isGrace(_ scanner: inout WordScanner, _ bytes: borrowing MutableSpan<UInt8>) -> Bool {
    scanner.peekPacked(bytes)?.packed == PackedWord.grace
  }
}
