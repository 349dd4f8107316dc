import Glibc
import SegmentAudit
import Testing

/// STATS says how many tags the index knows; an audit of the segment counts those that the sessions have. Every
/// `daemon.audit()` compares the two.
@Suite("The index of tags has what the sessions have, and nothing else")
struct TagIndexTests {
  private func make(_ connection: RawConnection, _ ids: Range<Int>, _ options: String = "") throws {
    let lines = ids.map { "SET s\($0) k \(options)1\nTAG s\($0) all user:\($0 % 7) \"tag \($0)\"\n" }.joined()
    let replies = try connection.exchange(Array(lines.utf8), replies: 2 * ids.count)
    guard replies.allSatisfy({ $0.hasPrefix("OK ") }) else { throw Failure("they are not all made") }
  }

  private func each(_ connection: RawConnection, _ ids: Range<Int>, _ request: (Int) -> String) throws {
    let lines = ids.map { request($0) + "\n" }.joined()
    let replies = try connection.exchange(Array(lines.utf8), replies: ids.count)
    guard replies.allSatisfy({ $0.hasPrefix("OK ") }) else { throw Failure("\(replies.prefix(3))") }
  }

  private func pairs(_ daemon: DaemonProcess) throws -> Int { try daemon.audit().taggedPairs }

  @Test("after expiry, delete, rename, revoke, flush, a stop and kill -9")
  func exact() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      try make(connection, 0..<3000)
      #expect(try pairs(daemon) == 9000)
      try each(connection, 0..<500) { "EXPIRE s\($0) 0.05" }
      try eventually("they are reclaimed") { try connection.request("STATS").number("sessions") == 2500 }
      #expect(try pairs(daemon) == 7500)
      try each(connection, 500..<1000) { "DEL s\($0)" }
      #expect(try pairs(daemon) == 6000)
      try each(connection, 1000..<1500) { "RENAME s\($0) r\($0)\($0 % 2 == 0 ? "" : " GRACE 100")" }
      #expect(try pairs(daemon) == 6000)
      try each(connection, 1500..<1800) { "REVOKE s\($0)" }
      // Through an alias.
      try each(connection, 1001..<1002) { "REVOKE s\($0)" }
      #expect(try pairs(daemon) == 5097)
      try each(connection, 1800..<2000) { "UNTAG s\($0) all nothing" }
      try each(connection, 2000..<2100) { "SET s\($0) longer \"\(String(repeating: "x", count: $0))\"" }
      #expect(try pairs(daemon) == 4897)
      #expect(try connection.request("REVOKEALL user:3").okNumber > 200)
      let left = try pairs(daemon)
      #expect(left < 4897)
      #expect(try connection.request("TAGGED user:3") == "OK []")

      daemon.kill()
      try daemon.restart()
      #expect(try pairs(daemon) == left)
      try daemon.signal(SIGTERM)
      #expect(try daemon.waitForExit() == .exited(0))
      try daemon.restart()
      #expect(try pairs(daemon) == left)
      let again = try daemon.connect()
      #expect(try again.request("FLUSH").okNumber > 1000)
      #expect(try pairs(daemon) == 0)
    }
  }

  @Test("after an eviction, and a kill amid evictions")
  func evicted() throws {
    try withDaemon("--max-memory", "8M", "--max-session", "400K", "--when-full", "evict") { daemon in
      let connection = try daemon.connect()
      let value = String(repeating: "v", count: 1500)
      for start in stride(from: 0, to: 20_000, by: 500) {
        let lines = (start..<start + 500).map {
          "SET s\($0) k \"\(value)\"\n" + ($0 % 2 == 0 ? "TAG s\($0) all user:\($0)\n" : "PING\n")
        }.joined()
        _ = try connection.exchange(Array(lines.utf8), replies: 1000)
      }
      let evicted = try connection.request("STATS")
      #expect(try evicted.number("untagged") > 0)
      #expect(try evicted.number("sessions") < 8000)
      let left = try pairs(daemon)
      #expect(left > 0)
      daemon.kill()
      try daemon.restart()
      #expect(try pairs(daemon) == left)
    }
  }
}
