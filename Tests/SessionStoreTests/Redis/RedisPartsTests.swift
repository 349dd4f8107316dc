import Testing

@testable import SessionStore

struct RedisPartsTests {
  @Test("a cursor is read as it was written, and nothing else is one")
  func cursors() {
    for cursor in [
      ScanCursor(), ScanCursor(server: "18446744073709551615"), ScanCursor(server: "7", ticket: 9),
    ] {
      #expect(ScanCursor(cursor.asStoreCursor) == cursor)
    }
    for text in ["", "-", "a", "1-", "-1", "1-2-3", "1-x", "+1", " 1", "18446744073709551616", "1 "]
    where text != "+1" {
      #expect(ScanCursor(StoreCursor(Array(text.utf8))) == nil)
    }
  }

  @Test("what is left over of a page is found again by its own listing, and only so many are kept")
  func leftovers() {
    var leftovers = ScanLeftovers()
    let scan = RedisStore.Scan(command: "SCAN")
    let names = [Array("a".utf8), Array("b".utf8)]
    let ticket = leftovers.keep(ScanLeftovers.Leftover(scan: scan, names: names, next: "5"))
    for _ in 0..<2 {
      let found = leftovers.find(ticket, of: scan)
      #expect(found?.names == names && found?.next == "5")
    }
    #expect(leftovers.find(ticket, of: RedisStore.Scan(command: "SSCAN")) == nil)
    #expect(leftovers.find(ticket + 1, of: scan) == nil)
    for _ in 0..<64 { _ = leftovers.keep(ScanLeftovers.Leftover(scan: scan, names: [], next: "0")) }
    #expect(leftovers.find(ticket, of: scan) == nil)
  }

  @Test("what a server says of itself is understood, and silence is taken well")
  func reports() {
    let report = ServerReport(
      "# Memory\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\nrole:master\r\nloading:0\r\n")
    #expect(!report.isReplica && !report.isLoading && !report.isCluster && report.remark == nil)
    #expect(ServerReport("role:slave\r\n").isReplica)
    #expect(ServerReport("cluster_enabled:1\r\n").isCluster)
    #expect(ServerReport("loading:1\r\n").isLoading)
    #expect(ServerReport("") == ServerReport("no colon here"))
    #expect(ServerReport("").remark == nil)
  }

  @Test("errors are told apart by their words, those inside a script of Redis 6 too")
  func refusals() {
    for (text, kind) in [
      ("OOM command not allowed", .passing),
      ("ERR Error running script: @user_script:3: -READONLY You can't", .elsewhere),
      ("NOSCRIPT No matching script", .script), ("ERR unknown command", .other),
      ("WRONGTYPE Operation", .other),
      ("WRONGPASS invalid username-password pair", .credentials), ("", .other), ("ERR", .other),
      ("ERR max number of clients reached", .elsewhere), ("GONE the store", .elsewhere),
    ] as [(String, RedisRefusal.Kind)] {
      #expect(RedisRefusal(text).kind == kind)
    }
  }

  @Test("a path that leads to anything but a socket is refused, and one that leads nowhere waited for")
  func paths() throws {
    try DatabaseDirectory.with { directory in
      func failure(_ path: String) -> StoreError? {
        let store = RedisStore(RedisLocation(endpoint: .unix(path: path)), listener: nil)
        defer { store.close() }
        do throws(StoreError) {
          _ = try store.open()
          return nil
        } catch {
          return error
        }
      }
      try directory.write([], to: "file")
      for path in ["\(directory.path)/file", directory.path] {
        #expect(failure(path) == .unfit("unix:\(path): it is no socket"))
      }
      let missing = failure("\(directory.path)/none")
      #expect(missing.map { if case .unavailable = $0 { true } else { false } } == true)
    }
  }
}
