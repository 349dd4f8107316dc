/// Understands request lines of protocol version 1. Pure: it reads, and decodes in place, the bytes
/// that it is given, and keeps nothing of them but ranges. One parser is used again and again, so
/// that its lists stop allocating once they are warm.
public struct RequestParser {
  /// A member of an object that becomes a session's fields.
  public struct Field: Equatable, Sendable {
    public var key: Range<Int>
    public var value: Range<Int>
  }

  /// The command of the line last parsed, also when the rest of the line was refused.
  public private(set) var command: Command?
  /// The keys of MGET, DEL and MSET's DROP, the ids of TOUCH, REVOKE and WATCH, the tags of TAG, UNTAG and RESTORE.
  public internal(set) var words: [Range<Int>] = []
  /// The members of the object of MSET and NEW and of RESTORE's data, in the order written; a key may come
  /// twice.
  public internal(set) var fields: [Field] = []

  public init() {}

  /// Parses the line that stands at `line` in `bytes`, whose words are decoded, and whose value is
  /// compacted, in place.
  ///
  /// - Throws: what the `ERR` reply says.
  public mutating func parse(
    _ bytes: inout MutableSpan<UInt8>, line: Range<Int>
  ) throws(RequestError) -> Request {
    command = nil
    var scanner = WordScanner(line)
    guard scanner.hasMore(bytes) else { throw .syntax("the line is empty") }
    guard let word = scanner.peekPacked(bytes), let command = Command(packed: word.packed) else {
      throw RequestError(.unknown, "no such command; HELP lists them")
    }
    self.command = command
    try scanner.skip(word.range, bytes)
    return try arguments(of: command, &scanner, &bytes)
  }

  private mutating func arguments(
    of command: Command, _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>
  ) throws(RequestError) -> Request {
    switch command {
    case .hello: return try hello(&scanner, &bytes)
    case .ping: return try alone(.ping, command, &scanner, bytes)
    case .help: return try alone(.help, command, &scanner, bytes)
    case .quit: return try alone(.quit, command, &scanner, bytes)
    case .stats: return try alone(.stats, command, &scanner, bytes)
    case .metrics: return try alone(.metrics, command, &scanner, bytes)
    case .flush: return try alone(.flush, command, &scanner, bytes)
    case .map: return try alone(.map, command, &scanner, bytes)
    case .reads: return try reads(&scanner, &bytes)
    case .get, .peek:
      let session = try session(&scanner, &bytes, command)
      let key = try scanner.nextName(&bytes, "key")
      try end(&scanner, bytes, command)
      return command == .get ? .get(session: session, key: key) : .peek(session: session, key: key)
    case .mget:
      let session = try session(&scanner, &bytes, command)
      try readSomeWords(&scanner, &bytes, "key", command)
      return .getMany(session: session)
    case .set: return try set(&scanner, &bytes)
    case .mset: return try setMany(&scanner, &bytes)
    case .del:
      let session = try session(&scanner, &bytes, command)
      try readWords(&scanner, &bytes, "key", command)
      return words.isEmpty ? .deleteSession(session) : .deleteKeys(session: session)
    case .incr: return try increment(&scanner, &bytes)
    case .exists: return .exists(try lone(&scanner, &bytes, command))
    case .ttl: return .timeToLive(try lone(&scanner, &bytes, command))
    case .info: return .info(try lone(&scanner, &bytes, command))
    case .expire:
      let session = try session(&scanner, &bytes, command)
      let ttl = try seconds(&scanner, &bytes, "\(command.usage)")
      try end(&scanner, bytes, command)
      return .expire(session: session, ttlNanoseconds: ttl)
    case .touch, .revoke:
      try readSomeWords(&scanner, &bytes, "session id", command)
      return command == .touch ? .touch : .revoke
    case .new: return try create(&scanner, &bytes)
    case .rename: return try rename(&scanner, &bytes)
    case .revokeAll: return .revokeAll(tag: try lone(&scanner, &bytes, command, "tag"))
    case .tag, .untag:
      let session = try session(&scanner, &bytes, command)
      try readSomeWords(&scanner, &bytes, "tag", command)
      return command == .tag ? .tag(session: session) : .untag(session: session)
    case .tagged: return try tagged(&scanner, &bytes)
    case .watch: return try watch(&scanner, &bytes)
    case .unwatch: return try alone(.unwatch, command, &scanner, bytes)
    case .why: return .why(try lone(&scanner, &bytes, command))
    case .dump: return .dump(try lone(&scanner, &bytes, command))
    case .restore: return try restore(&scanner, &bytes)
    case .list: return try list(&scanner, &bytes)
    }
  }

  // MARK: Commands

  private func hello(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>
  ) throws(RequestError) -> Request {
    if let word = try scanner.next(&bytes), DecimalWord.unsigned(bytes, word) != 1 {
      throw RequestError(.unknown, "protocol versions known here: 1")
    }
    try end(&scanner, bytes, .hello)
    return .hello
  }

  private func set(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>
  ) throws(RequestError) -> Request {
    let session = try session(&scanner, &bytes, .set)
    guard let key = try scanner.nextName(&bytes, "key") else {
      throw .syntax("\(Command.set.usage): the key is missing")
    }
    let options = try writeOptions(&scanner, &bytes)
    guard scanner.hasMore(bytes) else { throw .syntax("\(Command.set.usage): the value is missing") }
    var compactor = JSONCompactor(scanner.rest, origin: scanner.origin)
    let value = try compactor.value(&bytes)
    try compactor.finish(bytes)
    return .set(session: session, key: key, value: value, options)
  }

  /// The object bounds how many keys it names by nothing but the line, and DROP likewise.
  private mutating func setMany(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>
  ) throws(RequestError) -> Request {
    let session = try session(&scanner, &bytes, .mset)
    words.removeAll(keepingCapacity: true)
    var options = try writeOptions(&scanner, &bytes)
    while let word = scanner.peekPacked(bytes), word.packed == PackedWord.drop {
      try scanner.skip(word.range, bytes)
      guard let key = try scanner.nextName(&bytes, "key") else { throw .syntax("DROP wants a key") }
      words.append(key)
      try writeOptions(&scanner, &bytes, into: &options)
    }
    guard scanner.hasMore(bytes) else { throw .syntax("\(Command.mset.usage): the object is missing") }
    try readFields(scanner, &bytes)
    return .setMany(session: session, options)
  }

  private func increment(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>
  ) throws(RequestError) -> Request {
    let session = try session(&scanner, &bytes, .incr)
    guard let key = try scanner.nextName(&bytes, "key") else {
      throw .syntax("\(Command.incr.usage): the key is missing")
    }
    var amount: Int64 = 1
    if let word = try scanner.next(&bytes) {
      guard let number = DecimalWord.signed(bytes, word) else {
        throw .syntax("\(Command.incr.usage): 'by' is a whole number from -2^63 to 2^63-1")
      }
      amount = number
    }
    try end(&scanner, bytes, .incr)
    return .increment(session: session, key: key, by: amount)
  }

  private func reads(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>
  ) throws(RequestError) -> Request {
    guard let word = try scanner.next(&bytes), let hits = DecimalWord.unsigned(bytes, word),
      (1...Limits.readsToldMost).contains(hits)
    else { throw .syntax("\(Command.reads.usage): 'hits' is a whole number from 1 to 2^53") }
    try end(&scanner, bytes, .reads)
    return .reads(hits: hits)
  }
}
