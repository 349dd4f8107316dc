import CLinux
import SystemCalls

/// Listings go by SCAN, in no order that means anything. What is there from the beginning of a listing to its end is in it;
/// what comes or goes meanwhile may be. An id may be there twice where the server's table has just grown or shrunk.
extension RedisStore {
  /// So many the server is asked to look at with one command.
  private static let scanMost = 1000

  /// Only within a page those that were used last come first: the server has no such order.
  public func recent(from cursor: StoreCursor?, limit: Int) throws(StoreError) -> StorePage<StoredRecord> {
    let now = clock.wallClock()
    var bytes = 0
    var page = try pages(from: cursor, limit: limit, scan: scan(prefix: [])) { (ids) throws(StoreError) in
      var found: [StoredRecord?] = []
      // In small parts, so that large records do not come all at once.
      for start in stride(from: 0, to: ids.count, by: 64) where bytes < StoreLimits.answerBytes {
        let part = [[UInt8]](ids[start..<min(start + 64, ids.count)])
        for (id, value) in zip(part, try self.values(of: part)) {
          bytes += value?.count ?? 0
          found.append(value.flatMap { self.record(id, $0, now) })
        }
      }
      return found
    }
    page.elements.sort { $0.lastUse > $1.lastUse }
    return page
  }

  public func ids(
    _ selection: StoreSelection, from cursor: StoreCursor?, limit: Int
  ) throws(StoreError) -> StorePage<[UInt8]> {
    switch selection {
    case .prefix(let prefix):
      try pages(from: cursor, limit: limit, scan: scan(prefix: prefix)) { (ids) throws(StoreError) in
        try self.sessions(ids)
      }
    case .tag(let tag):
      try pages(from: cursor, limit: limit, scan: Scan(command: "SSCAN", key: key("t:", tag))) {
        (ids) throws(StoreError) in try self.sessions(ids, with: tag)
      }
    }
  }

  /// What is gone through.
  struct Scan: Equatable {
    var command: String
    var key: [UInt8]?
    var pattern: [UInt8]?
    /// What is cut off to get an id.
    var prefixBytes = 0
  }

  private func scan(prefix: [UInt8]) -> Scan {
    var pattern = key("s:", [])
    let special = Set("*?[]\\".utf8)
    for byte in prefix {
      if special.contains(byte) { pattern.append(UInt8(ascii: "\\")) }
      pattern.append(byte)
    }
    return Scan(command: "SCAN", pattern: pattern + [UInt8(ascii: "*")], prefixBytes: key("s:", []).count)
  }

  /// A page: goes on until it is full, all was seen, or the timeout is over.
  ///
  /// - Parameter find: what there is to each id; fewer answers than ids where there was enough.
  private func pages<Element: Sendable>(
    from cursor: StoreCursor?, limit: Int, scan: Scan,
    find: ([[UInt8]]) throws(StoreError) -> [Element?]
  ) throws(StoreError) -> StorePage<Element> {
    guard var place = cursor.map(ScanCursor.init) ?? ScanCursor() else { return StorePage([], next: nil) }
    let begin = linux_boottime_ns()
    var page: [Element] = []
    repeat {
      let (names, next) = try step(scan, place, limit)
      let found = try names.isEmpty ? [] : find(names)
      var count = 0
      while count < found.count, page.count < limit {
        if let element = found[count] { page.append(element) }
        count += 1
      }
      if count < names.count {
        let rest = ScanLeftovers.Leftover(scan: scan, names: [[UInt8]](names[count...]), next: next)
        place.ticket = leftovers.withLock { $0.keep(rest) }
        return StorePage(page, next: place.asStoreCursor)
      }
      place = ScanCursor(server: next)
    } while place.server != "0" && page.count < limit && linux_boottime_ns() - begin < timeout
    return StorePage(page, next: place.server == "0" ? nil : place.asStoreCursor)
  }

  /// Ids of a part of the listing, each once, and the server's cursor for what follows.
  private func step(
    _ scan: Scan, _ place: ScanCursor, _ limit: Int
  ) throws(StoreError) -> (names: [[UInt8]], next: String) {
    if let ticket = place.ticket, let left = leftovers.withLock({ $0.find(ticket, of: scan) }) { return left }
    var command = RedisCommand(scan.command)
    if let key = scan.key { command.append(key) }
    command.append(place.server)
    if let pattern = scan.pattern {
      command.append("MATCH")
      command.append(pattern)
    }
    command.append("COUNT")
    command.append(max(10, min(limit, Self.scanMost)))
    let reply = try loading.exchange([command])[0]
    if case .error(let text) = reply, text.hasPrefix("WRONGTYPE") { return ([], "0") }
    guard let parts = reply.elements, parts.count == 2, let next = parts[0].text, UInt64(next) != nil,
      let names = parts[1].elements
    else { throw failure(reply, on: loading) }
    // An empty id is none of a record.
    let ids = Set(names.compactMap { $0.bytes.map { [UInt8]($0.dropFirst(scan.prefixBytes)) } })
    return (ids.filter { !$0.isEmpty }, next)
  }

  private func record(_ id: [UInt8], _ value: [UInt8], _ now: Int64) -> StoredRecord? {
    if case .record(let record) = RedisValue.read(value, id: id) {
      return record.deadline > now ? record : nil
    }
    damaged.withLock { $0.note(id) }
    return nil
  }

  /// Of these ids, those of sessions that live; nil for the others.
  private func sessions(_ ids: [[UInt8]]) throws(StoreError) -> [[UInt8]?] {
    let now = clock.wallClock()
    let commands = ids.map { id in
      var command = RedisCommand("GETRANGE")
      command.append(key("s:", id))
      command.append("0")
      command.append(RedisValue.headerBytes - 1)
      return command
    }
    return zip(ids, try loading.exchange(commands)).map { id, reply in
      guard let header = reply.bytes.flatMap(RedisValue.header(of:)) else { return nil }
      return header.kind == .session && header.deadline > now ? id : nil
    }
  }

  private func sessions(_ ids: [[UInt8]], with tag: [UInt8]) throws(StoreError) -> [[UInt8]?] {
    func command(_ base: RedisCommand) -> RedisCommand {
      var command = base
      command.append(tag)
      command.append(key("", []))
      command.append(clock.wallClock())
      for id in ids { command.append(id) }
      return command
    }
    let set = key("t:", tag)
    var reply = try loading.exchange([command(RedisScript.tagged.called(terms.names.tagged, key: set))])[0]
    if case .error(let text) = reply, RedisRefusal(text).kind == .script {
      let replies = try loading.exchange([
        RedisScript.tagged.loading, command(RedisScript.tagged.called(terms.names.tagged, key: set)),
      ])
      reply = replies[1]
    }
    guard let found = reply.elements else { throw failure(reply, on: loading) }
    let tagged = Set(found.compactMap(\.bytes))
    return ids.map { tagged.contains($0) ? $0 : nil }
  }
}
