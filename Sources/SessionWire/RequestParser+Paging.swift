/// Listings, a page at a time: LIST TAGGED.
extension RequestParser {
  /// The options of a listing, as far as they are given.
  private struct Page {
    var prefix: Range<Int>?
    var after: Range<Int>?
    var limit: Int?
  }

  func list(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>
  ) throws(RequestError) -> Request {
    let page = try page(&scanner, &bytes, .list, most: Limits.listMost)
    return .list(prefix: page.prefix, after: page.after, limit: page.limit ?? Limits.listDefault)
  }

  func tagged(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>
  ) throws(RequestError) -> Request {
    guard let tag = try scanner.nextName(&bytes, "tag") else {
      throw .syntax("\(Command.tagged.usage): the tag is missing")
    }
    let page = try page(&scanner, &bytes, .tagged, most: Limits.taggedMost)
    return .tagged(tag: tag, after: page.after, limit: page.limit ?? Limits.taggedDefault)
  }

  /// `MATCH prefix` (of LIST alone), `AFTER id` and `LIMIT n`, each at most once, in any order.
  private func page(
    _ scanner: inout WordScanner, _ bytes: inout MutableSpan<UInt8>, _ command: Command, most: Int
  ) throws(RequestError) -> Page {
    var page = Page()
    while scanner.hasMore(bytes) {
      let option = scanner.peekPacked(bytes)?.packed
      try scanner.skip(scanner.peekBare(bytes), bytes)
      switch option {
      case PackedWord.match where command == .list && page.prefix == nil:
        page.prefix = try scanner.nextName(&bytes, "prefix")
        guard page.prefix != nil else { throw .syntax("MATCH wants a prefix") }
      case PackedWord.after where page.after == nil:
        page.after = try scanner.nextName(&bytes, "session id")
        guard page.after != nil else { throw .syntax("AFTER wants a session id") }
      case PackedWord.limit where page.limit == nil:
        guard let word = try scanner.next(&bytes), let number = DecimalWord.unsigned(bytes, word),
          (1...UInt64(most)).contains(number)
        else { throw .syntax("LIMIT wants a number from 1 to \(most)") }
        page.limit = Int(number)
      default:
        throw .syntax("\(command.usage): each option at most once, and no other word")
      }
    }
    return page
  }
}
