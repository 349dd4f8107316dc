/// WATCH.
extension RequestParser {
  /// A bare `*` stands for every session and a bare SINCE is the option; sessions of such names stand in
  /// quotes.
  mutating func watch(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>
  ) throws(RequestError) -> Request {
    words.removeAll(keepingCapacity: true)
    var watchesAll = false
    while scanner.hasMore(bytes) {
      if scanner.peekPacked(bytes)?.packed == PackedWord.since { break }
      guard !watchesAll else { throw .syntax("\(Command.watch.usage): * stands alone") }
      let word = scanner.peekBare(bytes)
      if word.count == 1, bytes[word.lowerBound] == UInt8(ascii: "*") {
        try scanner.skip(word, bytes)
        guard words.isEmpty else { throw .syntax("\(Command.watch.usage): * stands alone") }
        watchesAll = true
      } else if let id = try scanner.nextName(&bytes, "session id") {
        try appendWord(id, .watch, most: Limits.watchedIDs)
      }
    }
    guard watchesAll || !words.isEmpty else {
      throw .syntax("\(Command.watch.usage): a session id is missing")
    }
    let number = try since(&scanner, &bytes)
    return watchesAll ? .watchAll(since: number) : .watch(since: number)
  }

  /// `SINCE seq`, the last thing on the line.
  private func since(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>
  ) throws(RequestError) -> UInt64? {
    guard scanner.hasMore(bytes) else { return nil }
    try scanner.skip(scanner.peekBare(bytes), bytes)
    guard let word = try scanner.next(&bytes), let number = DecimalWord.unsigned(bytes, word) else {
      throw .syntax("SINCE wants an event's number, a whole number from 0 to 2^63-1")
    }
    try end(&scanner, bytes, .watch)
    return number
  }
}
