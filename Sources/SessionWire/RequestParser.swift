/// Understands request lines of protocol version 1. Pure: it reads, and decodes in place, the bytes
/// that it is given, and keeps nothing of them but ranges. One parser is used again and again, so
/// that its lists stop allocating once they are warm.
public struct RequestParser {
  /// A member of an MSET's object.
  public struct Field: Equatable, Sendable {
    public var key: Range<Int>
    public var value: Range<Int>
  }

  /// The command of the line last parsed, also when the rest of the line was refused.
  public private(set) var command: Command?
  /// The keys of MGET and DEL and the ids of TOUCH.
  public private(set) var words: [Range<Int>] = []
  /// The members of an MSET's object, in the order written; a key may come twice.
  public private(set) var fields: [Field] = []

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
    let word = scanner.peekBare(bytes)
    guard let packed = PackedWord.pack(bytes, word), let command = Command(packed: packed) else {
      throw RequestError(.unknown, "no such command; HELP lists them")
    }
    self.command = command
    try scanner.skip(word, bytes)
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
      try readWords(&scanner, &bytes, "key", command)
      guard !words.isEmpty else { throw .syntax("\(command.usage): a key is missing") }
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
    case .touch:
      try readWords(&scanner, &bytes, "session id", command)
      guard !words.isEmpty else { throw .syntax("\(command.usage): a session id is missing") }
      return .touch
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

  private mutating func setMany(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>
  ) throws(RequestError) -> Request {
    let session = try session(&scanner, &bytes, .mset)
    let options = try writeOptions(&scanner, &bytes)
    guard scanner.hasMore(bytes) else { throw .syntax("\(Command.mset.usage): the object is missing") }
    fields.removeAll(keepingCapacity: true)
    var compactor = JSONCompactor(scanner.rest, origin: scanner.origin)
    try compactor.members(&bytes) { key, value, bytes throws(RequestError) in
      try WordScanner.check(name: key, "key", bytes)
      fields.append(Field(key: key, value: value))
    }
    try compactor.finish(bytes)
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

  private func list(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>
  ) throws(RequestError) -> Request {
    var prefix: Range<Int>?
    var after: Range<Int>?
    var limit: Int?
    while scanner.hasMore(bytes) {
      let word = scanner.peekBare(bytes)
      let option = PackedWord.pack(bytes, word)
      try scanner.skip(word, bytes)
      switch option {
      case PackedWord.match where prefix == nil:
        prefix = try scanner.nextName(&bytes, "prefix")
        guard prefix != nil else { throw .syntax("MATCH wants a prefix") }
      case PackedWord.after where after == nil:
        after = try scanner.nextName(&bytes, "session id")
        guard after != nil else { throw .syntax("AFTER wants a session id") }
      case PackedWord.limit where limit == nil:
        guard let word = try scanner.next(&bytes), let number = DecimalWord.unsigned(bytes, word),
          (1...UInt64(Limits.listMost)).contains(number)
        else { throw .syntax("LIMIT wants a number from 1 to \(Limits.listMost)") }
        limit = Int(number)
      default:
        throw .syntax("\(Command.list.usage): each option at most once, and no other word")
      }
    }
    return .list(prefix: prefix, after: after, limit: limit ?? Limits.listDefault)
  }

  // MARK: Parts

  private func session(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>, _ command: Command
  ) throws(RequestError) -> Range<Int> {
    guard let session = try scanner.nextName(&bytes, "session id") else {
      throw .syntax("\(command.usage): the session id is missing")
    }
    return session
  }

  private func lone(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>, _ command: Command
  ) throws(RequestError) -> Range<Int> {
    let session = try session(&scanner, &bytes, command)
    try end(&scanner, bytes, command)
    return session
  }

  private func alone(
    _ request: Request, _ command: Command, _ scanner: inout WordScanner,
    _ bytes: borrowing MutableSpan<UInt8>
  ) throws(RequestError) -> Request {
    try end(&scanner, bytes, command)
    return request
  }

  private func end(
    _ scanner: inout WordScanner, _ bytes: borrowing MutableSpan<UInt8>, _ command: Command
  ) throws(RequestError) {
    guard !scanner.hasMore(bytes) else { throw .syntax("\(command.usage): more words than that") }
  }

  private mutating func readWords(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>, _ what: StaticString,
    _ command: Command
  ) throws(RequestError) {
    words.removeAll(keepingCapacity: true)
    while let word = try scanner.nextName(&bytes, what) {
      guard words.count < Limits.wordsPerRequest else {
        throw RequestError(
          .tooLarge, "\(command.name) takes at most \(Limits.wordsPerRequest) names at a time")
      }
      words.append(word)
    }
  }

  /// `IF version` and `TTL seconds`, each at most once, in any order. No JSON value begins with a
  /// letter that spells one of them, so the value behind them can't be mistaken.
  private func writeOptions(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>
  ) throws(RequestError) -> Request.WriteOptions {
    var options = Request.WriteOptions()
    while true {
      let word = scanner.peekBare(bytes)
      switch PackedWord.pack(bytes, word) {
      case PackedWord.ifVersion:
        try scanner.skip(word, bytes)
        guard options.version == nil else { throw .syntax("IF stands twice") }
        guard let word = try scanner.next(&bytes), let version = DecimalWord.unsigned(bytes, word) else {
          throw .syntax("IF wants a version, a whole number from 0 to 2^63-1")
        }
        options.version = version
      case PackedWord.ttl:
        try scanner.skip(word, bytes)
        guard options.ttlNanoseconds == nil else { throw .syntax("TTL stands twice") }
        options.ttlNanoseconds = try seconds(&scanner, &bytes, "TTL")
      default:
        return options
      }
    }
  }

  private func seconds(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>, _ what: @autoclosure () -> String
  ) throws(RequestError) -> Int64 {
    guard let word = try scanner.next(&bytes), let seconds = DecimalWord.seconds(bytes, word),
      Limits.ttlNanoseconds.contains(seconds)
    else { throw .syntax("\(what()) wants seconds, from 0.001 to 315360000") }
    return seconds
  }
}
