/// What the forms of several commands have in common.
extension RequestParser {
  func session(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>, _ command: Command
  ) throws(RequestError) -> Range<Int> {
    guard let session = try scanner.nextName(&bytes, "session id") else {
      throw .syntax("\(command.usage): the session id is missing")
    }
    return session
  }

  /// A name that is the command's only word.
  func lone(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>, _ command: Command,
    _ what: StaticString = "session id"
  ) throws(RequestError) -> Range<Int> {
    guard let name = try scanner.nextName(&bytes, what) else {
      throw .syntax("\(command.usage): the \(what) is missing")
    }
    try end(&scanner, bytes, command)
    return name
  }

  func alone(
    _ request: Request, _ command: Command, _ scanner: inout WordScanner,
    _ bytes: borrowing MutableSpan<UInt8>
  ) throws(RequestError) -> Request {
    try end(&scanner, bytes, command)
    return request
  }

  func end(
    _ scanner: inout WordScanner, _ bytes: borrowing MutableSpan<UInt8>, _ command: Command
  ) throws(RequestError) {
    guard !scanner.hasMore(bytes) else { throw .syntax("\(command.usage): more words than that") }
  }

  mutating func readWords(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>, _ what: StaticString,
    _ command: Command
  ) throws(RequestError) {
    words.removeAll(keepingCapacity: true)
    while let word = try scanner.nextName(&bytes, what) { try appendWord(word, command) }
  }

  /// At least one.
  mutating func readSomeWords(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>, _ what: StaticString,
    _ command: Command
  ) throws(RequestError) {
    try readWords(&scanner, &bytes, what, command)
    guard !words.isEmpty else { throw .syntax("\(command.usage): a \(what) is missing") }
  }

  mutating func appendWord(
    _ word: Range<Int>, _ command: Command, most: Int = Limits.wordsPerRequest
  ) throws(RequestError) {
    guard words.count < most else {
      throw RequestError(.tooLarge, "\(command.name) takes at most \(most) names at a time")
    }
    words.append(word)
  }

  /// The rest of the line, as one object of keys and values.
  mutating func readFields(
    _ scanner: WordScanner, _ bytes: inout MutableSpan<UInt8>
  ) throws(RequestError) {
    fields.removeAll(keepingCapacity: true)
    var compactor = JSONCompactor(scanner.rest, origin: scanner.origin)
    try compactor.members(&bytes) { key, value, bytes throws(RequestError) in
      try WordScanner.check(name: key, "key", bytes)
      fields.append(Field(key: key, value: value))
    }
    try compactor.finish(bytes)
  }

  /// `IF version` and `TTL seconds`, each at most once, in any order. No JSON value begins with a
  /// letter that spells one of them, so the value behind them can't be mistaken.
  func writeOptions(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>
  ) throws(RequestError) -> Request.WriteOptions {
    var options = Request.WriteOptions()
    try writeOptions(&scanner, &bytes, into: &options)
    return options
  }

  func writeOptions(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>, into options: inout Request.WriteOptions
  ) throws(RequestError) {
    while let word = scanner.peekPacked(bytes) {
      switch word.packed {
      case PackedWord.ifVersion:
        try scanner.skip(word.range, bytes)
        guard options.version == nil else { throw .syntax("IF stands twice") }
        guard let word = try scanner.next(&bytes), let version = DecimalWord.unsigned(bytes, word) else {
          throw .syntax("IF wants a version, a whole number from 0 to 2^63-1")
        }
        options.version = version
      case PackedWord.ttl:
        try scanner.skip(word.range, bytes)
        guard options.ttlNanoseconds == nil else { throw .syntax("TTL stands twice") }
        options.ttlNanoseconds = try seconds(&scanner, &bytes, "TTL")
      default:
        return
      }
    }
  }

  func seconds(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>, _ what: @autoclosure () -> String
  ) throws(RequestError) -> Int64 {
    guard let word = try scanner.next(&bytes), let seconds = DecimalWord.seconds(bytes, word),
      Limits.ttlNanoseconds.contains(seconds)
    else { throw .syntax("\(what()) wants seconds, from 0.001 to 315360000") }
    return seconds
  }
}
