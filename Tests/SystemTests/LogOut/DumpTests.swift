import TestSupport
import Testing

@Suite("Dumps")
struct DumpTests {
  @Test("a dump that is restored to an empty daemon gives the same dump", arguments: [7] as [UInt64])
  func sameDump(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let dumps = try withDaemon("--max-lifetime", "10h") { daemon in
      let connection = try daemon.connect()
      for number in 0..<300 { try Self.make("s \(number)", on: connection, &random) }
      return try Self.dumps(connection)
    }
    #expect(dumps.count == 300, "seed \(seed)")
    try withDaemon("--max-lifetime", "10h") { daemon in
      let connection = try daemon.connect()
      for dump in dumps {
        let version = try connection.request("RESTORE \(dump)").version
        #expect(dump.contains("\"version\":\(version),"), "seed \(seed)")
      }
      #expect(try Self.dumps(connection) == dumps, "seed \(seed)")
      // It is told alike over another connection, that is, by another thread.
      #expect(try Self.dumps(daemon.connect()) == dumps, "seed \(seed)")
      daemon.kill()
      try daemon.restart()
      #expect(try Self.dumps(daemon.connect()).count == 300)
    }
  }

  private static func make(_ id: String, on connection: RawConnection, _ random: inout SplitMix64) throws {
    let keys = (0..<Int.random(in: 0..<5, using: &random)).map { key in
      "\"k\\u0020\(key)é\":[\(Int.random(in: 0..<1000, using: &random)),{\"x\":\"\\n\"}]"
    }
    let ttl = Int.random(in: 1_000_000...9_000_000, using: &random)
    _ = try connection.request(
      "MSET \"\(id)\" TTL \(ttl / 1000).\(ttl % 1000) {\(keys.joined(separator: ","))}"
    )
    .version
    let tags = (0..<Int.random(in: 0..<4, using: &random)).map { " \"tag \($0)\"" }
    guard !tags.isEmpty else { return }
    #expect(try connection.request("TAG \"\(id)\"\(tags.joined())") == "OK \(tags.count)")
  }

  /// The objects of all sessions, in alphabetical order.
  private static func dumps(_ connection: RawConnection) throws -> [String] {
    let listing = try connection.request("LIST MATCH s LIMIT 1000")
    let ids = listing.dropFirst(#"OK {"sessions":["#.count).prefix { $0 != "]" }.split(separator: ",")
    return try ids.map { String(try connection.request("DUMP \($0)").dropFirst(3)) }.sorted()
  }
}
