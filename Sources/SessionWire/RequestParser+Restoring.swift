/// RESTORE: one object that says all of a session.
extension RequestParser {
  /// Reads the members as they come, in place: each word and value where it stands.
  mutating func restore(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>
  ) throws(RequestError) -> Request {
    guard scanner.hasMore(bytes) else { throw .syntax("\(Command.restore.usage): the object is missing") }
    words.removeAll(keepingCapacity: true)
    fields.removeAll(keepingCapacity: true)
    var session: Range<Int>?
    var options = Request.Restoration()
    var seen: UInt8 = 0
    var compactor = JSONCompactor(scanner.rest, origin: scanner.origin)
    try compactor.object(&bytes) { compactor, key, bytes throws(RequestError) in
      let member = try Self.member(key, bytes)
      guard seen & member.bit == 0 else { throw .syntax("RESTORE: the member \(member.name) stands twice") }
      seen |= member.bit
      switch member {
      case .session:
        guard compactor.begins(with: UInt8(ascii: "\""), bytes) else { throw member.mismatch }
        let id = try compactor.decodedString(&bytes)
        try WordScanner.check(name: id, "session id", bytes)
        session = id
      case .tags: try readTags(&compactor, &bytes)
      case .data: try readData(&compactor, &bytes)
      case .version:
        let number = DecimalWord.unsigned(bytes, try compactor.value(&bytes, depth: 1))
        guard let number, (1...Limits.restoredVersionMost).contains(number) else { throw member.mismatch }
        options.version = number
      case .created: options.created = try Self.seconds(member, &compactor, &bytes)
      case .expires: options.expires = try Self.seconds(member, &compactor, &bytes)
      case .idle:
        let ttl = try Self.seconds(member, &compactor, &bytes)
        guard Limits.ttlNanoseconds.contains(ttl) else { throw member.mismatch }
        options.ttlNanoseconds = ttl
      }
    }
    try compactor.finish(bytes)
    guard let session else { throw .syntax("RESTORE: the member session is missing") }
    return .restore(session: session, options)
  }

  private mutating func readTags(
    _ compactor: inout JSONCompactor, _ bytes: inout MutableSpan<UInt8>
  ) throws(RequestError) {
    guard compactor.begins(with: UInt8(ascii: "["), bytes) else { throw Member.tags.mismatch }
    try compactor.strings(&bytes) { tag, bytes throws(RequestError) in
      try WordScanner.check(name: tag, "tag", bytes)
      try appendWord(tag, .restore)
    }
  }

  /// A value may be as deep in here as SET takes it.
  private mutating func readData(
    _ compactor: inout JSONCompactor, _ bytes: inout MutableSpan<UInt8>
  ) throws(RequestError) {
    guard compactor.begins(with: UInt8(ascii: "{"), bytes) else { throw Member.data.mismatch }
    try compactor.members(&bytes, depth: 0) { key, value, bytes throws(RequestError) in
      try WordScanner.check(name: key, "key", bytes)
      fields.append(Field(key: key, value: value))
    }
  }

  private static func seconds(
    _ member: Member, _ compactor: inout JSONCompactor, _ bytes: inout MutableSpan<UInt8>
  ) throws(RequestError) -> Int64 {
    let nanoseconds = DecimalWord.seconds(bytes, try compactor.value(&bytes, depth: 1))
    guard let nanoseconds else { throw member.mismatch }
    return nanoseconds
  }

  private static func member(
    _ key: Range<Int>, _ bytes: borrowing MutableSpan<UInt8>
  ) throws(RequestError) -> Member {
    for member in members where member.isNamed(at: key, bytes) { return member }
    // Whatever is no name, such as one with control characters, has no place in an error's text.
    try WordScanner.check(name: key, "member's name", bytes)
    var name: [UInt8] = []
    for index in key { name.append(bytes[index]) }
    throw .syntax("RESTORE knows no member \(String(decoding: name, as: UTF8.self))")
  }

  private static let members = Member.allCases

  private enum Member: UInt8, CaseIterable {
    case session, version, created, idle, expires, tags, data

    var bit: UInt8 { 1 << rawValue }

    var name: String {
      switch self {
      case .session: "session"
      case .version: "version"
      case .created: "created"
      case .idle: "idle"
      case .expires: "expires"
      case .tags: "tags"
      case .data: "data"
      }
    }

    func isNamed(at key: Range<Int>, _ bytes: borrowing MutableSpan<UInt8>) -> Bool {
      let name = name.utf8
      guard name.count == key.count else { return false }
      for (offset, byte) in name.enumerated() where bytes[key.lowerBound + offset] != byte { return false }
      return true
    }

    /// What is said where something else stands than the member takes.
    var mismatch: RequestError {
      let wanted =
        switch self {
        case .session: "a session id, a string"
        case .version: "a whole number from 1 to \(Limits.restoredVersionMost)"
        case .created, .expires: "seconds since 1970"
        case .idle: "seconds, from 0.001 to 315360000"
        case .tags: "an array of strings"
        case .data: "an object of keys and values"
        }
      return .syntax("RESTORE: the member \(name) wants \(wanted)")
    }
  }
}
