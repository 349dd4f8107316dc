import Testing

@Suite("A tag that very many sessions have", .timeLimit(.minutes(5)))
struct LargeTagTests {
  private let count = 100_000

  /// All pages of TAGGED.
  private func list(_ tag: String, over connection: RawConnection) throws -> [String] {
    var ids: [String] = []
    var page: [String] = []
    repeat {
      let after = page.last.map { " AFTER \($0)" } ?? ""
      let reply = try connection.request("TAGGED \(tag)\(after) LIMIT 1000")
      guard reply.hasPrefix("OK ["), reply.hasSuffix("]") else { throw Failure(reply) }
      page = reply.dropFirst(4).dropLast().split(separator: ",").map { String($0.dropFirst().dropLast()) }
      ids += page
    } while page.count == 1000
    return ids
  }

  private func fill(_ connection: RawConnection) throws {
    for start in stride(from: 0, to: count, by: 1000) {
      let lines = (start..<start + 1000).map { "SET s\($0) k 1\nTAG s\($0) all\n" }.joined()
      let replies = try connection.exchange(Array(lines.utf8), replies: 2000)
      guard replies.allSatisfy({ $0.hasPrefix("OK ") }) else { throw Failure("\(replies.last ?? "")") }
    }
  }

  @Test("is listed page by page, each session once, while others change them, and is exact after a kill -9")
  func pages() throws {
    try withDaemon("--max-memory", "256M") { daemon in
      try fill(try daemon.connect())
      let (path, count) = (daemon.socketPath, count)
      let listed = ListedIDs()
      try inThreads(2) { index in
        let connection = try RawConnection(path: path)
        if index == 0 { return listed.set(try list("all", over: connection)) }
        // What has the tag all the while is changed; others come and go.
        for round in 0..<200 {
          let lines = (0..<50).map { number in
            """
            SET s\((round * 997 + number * 31) % count) k \(round)
            TAG s\((round * 31 + number * 997) % count) other
            SET passing\(number) k 1
            TAG passing\(number) all
            DEL passing\(number)

            """
          }.joined()
          _ = try connection.exchange(Array(lines.utf8), replies: 250)
        }
      }
      let own = listed.ids.filter { $0.hasPrefix("s") }
      #expect(own.count == count)
      #expect(Set(own).count == count)

      let others = try list("other", over: try daemon.connect()).count
      #expect(try daemon.ask("STATS").number("tagged_pairs") == Double(count + others))
      daemon.kill()
      try daemon.restart()
      #expect(try daemon.ask("STATS").number("tagged_pairs") == Double(count + others))
      #expect(Set(try list("all", over: try daemon.connect())) == Set(own))
      #expect(try daemon.ask("FLUSH") == "OK \(count)")
      #expect(try daemon.ask("STATS").number("tagged_pairs") == 0)
    }
  }
}

/// What one thread found, for another after it. Safe to share: written before the thread is joined, read after.
private final class ListedIDs: @unchecked Sendable {
  private(set) var ids: [String] = []

  func set(_ ids: [String]) { self.ids = ids }
}
