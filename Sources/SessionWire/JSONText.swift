/// JSON text as the daemon keeps it, for whoever keeps sessions without one: checked, and without the white
/// space between its tokens.
public enum JSONText {
  /// A member of an object: its name with the escapes resolved, and the value's text.
  public struct Member: Equatable, Sendable {
    public let name: [UInt8]
    public let value: [UInt8]
  }

  /// One value (RFC 8259) as SET keeps it.
  ///
  /// - Throws: what the daemon says of a text that is none. It counts bytes from the beginning of the text.
  public static func compacted(_ json: [UInt8]) throws(RequestError) -> [UInt8] {
    var bytes = json
    let range = try compact(&bytes)
    return Array(bytes[range])
  }

  private static func compact(_ bytes: inout [UInt8]) throws(RequestError) -> Range<Int> {
    var compactor = JSONCompactor(bytes.indices, origin: 0)
    var span = bytes.mutableSpan
    let range = try compactor.value(&span)
    try compactor.finish(span)
    return range
  }

  /// An object's members as MSET keeps them, in the order written; a name may come twice.
  ///
  /// - Throws: what the daemon says of a text that is no object, or of a name that is no key.
  public static func members(of json: [UInt8]) throws(RequestError) -> [Member] {
    var bytes = json
    let ranges = try members(&bytes)
    return ranges.map { Member(name: Array(bytes[$0.key]), value: Array(bytes[$0.value])) }
  }

  private static func members(_ bytes: inout [UInt8]) throws(RequestError) -> [RequestParser.Field] {
    var fields: [RequestParser.Field] = []
    var compactor = JSONCompactor(bytes.indices, origin: 0)
    var span = bytes.mutableSpan
    try compactor.members(&span) { key, value, bytes throws(RequestError) in
      try WordScanner.check(name: key, "key", bytes)
      fields.append(RequestParser.Field(key: key, value: value))
    }
    try compactor.finish(span)
    return fields
  }
}
