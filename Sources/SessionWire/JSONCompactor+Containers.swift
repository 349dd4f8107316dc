/// Objects and arrays that are taken apart.
extension JSONCompactor {
  /// Reads an object's members: each key decoded in place, each value compacted.
  ///
  /// - Parameter depth: how deep the values are in arrays and objects already.
  mutating func members(
    _ bytes: inout MutableSpan<UInt8>, depth: Int = 1,
    each: (_ key: Range<Int>, _ value: Range<Int>, _ bytes: inout MutableSpan<UInt8>) throws(RequestError) ->
      Void
  ) throws(RequestError) {
    try object(&bytes) { compactor, key, bytes throws(RequestError) in
      let value = try compactor.value(&bytes, depth: depth)
      try each(key, value, &bytes)
    }
  }

  /// Reads an object whose values `member` reads, each when its key has been decoded in place.
  @inline(__always)
  mutating func object(
    _ bytes: inout MutableSpan<UInt8>,
    member: (
      _ compactor: inout JSONCompactor, _ key: Range<Int>, _ bytes: inout MutableSpan<UInt8>
    ) throws(RequestError) -> Void
  ) throws(RequestError) {
    skipSpace(bytes)
    guard take(UInt8(ascii: "{"), bytes) else { throw failure("an object is wanted here") }
    skipSpace(bytes)
    if take(UInt8(ascii: "}"), bytes) { return }
    while true {
      skipSpace(bytes)
      let key = try decodedString(&bytes)
      skipSpace(bytes)
      guard take(UInt8(ascii: ":"), bytes) else { throw failure("a colon is missing") }
      try member(&self, key, &bytes)
      skipSpace(bytes)
      if take(UInt8(ascii: ","), bytes) { continue }
      if take(UInt8(ascii: "}"), bytes) { return }
      throw failure("a comma or the end of the object is missing")
    }
  }

  /// Reads an array of strings, each decoded in place.
  mutating func strings(
    _ bytes: inout MutableSpan<UInt8>,
    each: (_ text: Range<Int>, _ bytes: inout MutableSpan<UInt8>) throws(RequestError) -> Void
  ) throws(RequestError) {
    skipSpace(bytes)
    guard take(UInt8(ascii: "["), bytes) else { throw failure("an array is wanted here") }
    skipSpace(bytes)
    if take(UInt8(ascii: "]"), bytes) { return }
    while true {
      skipSpace(bytes)
      try each(try decodedString(&bytes), &bytes)
      skipSpace(bytes)
      if take(UInt8(ascii: ","), bytes) { continue }
      if take(UInt8(ascii: "]"), bytes) { return }
      throw failure("a comma or the end of the array is missing")
    }
  }

  /// Whether the next value begins with this byte. Also where nothing comes any more: reading it then tells
  /// what is missing.
  mutating func begins(with byte: UInt8, _ bytes: borrowing MutableSpan<UInt8>) -> Bool {
    skipSpace(bytes)
    return isAtEnd || bytes[read] == byte
  }
}
