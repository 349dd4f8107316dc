import Testing

@Suite("The memory holds what it should, and comes back")
struct CapacityTests {
  @Test("200,000 sessions of 100 bytes fit in 128 MiB, are all found again, and FLUSH gives the memory back")
  func manySessions() throws {
    try withDaemon("--max-memory", "128M") { daemon in
      let connection = try daemon.connect()
      let empty = try connection.request("STATS").number("reserved")
      let value = "\"\(String(repeating: "w", count: 100))\""
      for batch in 0..<100 {
        let lines = (0..<2000).map { "SET s\(batch)-\($0) a \(value)\n" }.joined()
        let replies = try connection.exchange(Array(lines.utf8), replies: 2000)
        let refusal = replies.first { !$0.hasPrefix("OK ") }
        try #require(refusal == nil, "in batch \(batch)")
      }
      #expect(try connection.request("STATS").number("sessions") == 200_000)
      for batch in 0..<100 {
        let lines = (0..<2000).map { "PEEK s\(batch)-\($0) a\n" }.joined()
        let replies = try connection.exchange(Array(lines.utf8), replies: 2000)
        let other = replies.first { $0 != "OK \(value)" }
        try #require(other == nil, "in batch \(batch)")
      }
      #expect(try connection.request("FLUSH") == "OK 200000")
      try eventually("the memory comes back") {
        try connection.request("STATS").number("reserved") < empty + Double(16 << 20)
      }
    }
  }

  @Test("a session of every size up to the limit is kept whole, grows and shrinks")
  func everySize() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      var size = 1
      while size < 1_000_000 {
        let value = "\"\(String(repeating: "v", count: size))\""
        _ = try connection.exchange(Array("SET one a \(value)\n".utf8), replies: 1)[0].version
        _ = try connection.exchange(Array("SET s\(size) a \(value)\n".utf8), replies: 1)[0].version
        #expect(try connection.request("GET one a") == "OK \(value)")
        size += size / 7 + 1
      }
      _ = try connection.request("SET one a 1").version
      #expect(try connection.request("GET one") == #"OK {"a":1}"#)
      size = 1
      while size < 1_000_000 {
        #expect(try connection.request("GET s\(size) a").utf8.count == size + 5)
        size += size / 7 + 1
      }
    }
  }
}
