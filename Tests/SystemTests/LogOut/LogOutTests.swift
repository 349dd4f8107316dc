import Testing

@Suite("Log-in and log-out")
struct LogOutTests {
  @Test("what was revoked, renamed or tagged is so after kill -9 and a new start, for every connection")
  func afterKill() throws {
    try withDaemon { daemon in
      let before = try daemon.connect()
      for name in ["revoked", "old", "kept", "both"] {
        _ = try before.request("SET \(name) k TTL 1000 1").version
        #expect(try before.request("TAG \(name) group \(name)") == "OK 2")
      }
      #expect(try before.request("REVOKE revoked nobody") == "OK 1")
      #expect(try before.request("RENAME old new GRACE 500") == #"OK "new""#)
      #expect(try before.request("RENAME both other") == #"OK "other""#)
      let dump = try before.request("DUMP new")
      daemon.kill()
      try daemon.restart()
      let after = try daemon.connect()
      for change in ["SET revoked k 2", "INCR nobody n", "SET both k 2", "SET old k 2", "TOUCH revoked"] {
        #expect(try after.request(change).errorCode == "revoked", "\(change)")
      }
      #expect(try after.request("GET old k") == "OK 1")
      let tail = try #require(dump.firstRange(of: #""tags":"#)).lowerBound
      #expect(try after.request("DUMP new").hasSuffix(dump[tail...]))
      let tagged = try after.request("TAGGED group").dropFirst(4).dropLast().split(separator: ",")
      #expect(Set(tagged) == [#""new""#, #""kept""#, #""other""#])
      #expect(try after.request("TAGGED old") == #"OK ["new"]"#)
      #expect(try after.request("TAGGED revoked") == "OK []")
      #expect(try after.request("STATS").number("tagged_pairs") == 6)
      #expect(try after.request("STATS").number("marks") == 4)
      #expect(try after.request("STATS").number("sessions") == 3)
    }
  }

  @Test("a slow request can't undo a log-out, whichever connection it comes on")
  func lateRequest() throws {
    try withDaemon { daemon in
      let slow = try daemon.connect()
      let other = try daemon.connect()
      _ = try slow.request("SET s1 user 7").version
      // The request is on its way, and its end is not.
      try slow.send("SET s1 cart [1")
      #expect(try other.request("REVOKE s1") == "OK 1")
      try slow.send(",2]\nGET s1\n")
      #expect(try slow.reply().errorCode == "revoked")
      #expect(try slow.reply() == "NIL")
    }
  }

  @Test("REVOKEALL of 20,000 sessions ends them all, and others are answered before it is done")
  func logOutEverywhere() throws {
    try withDaemon("--threads", "1") { daemon in
      let connection = try daemon.connect()
      let other = try daemon.connect()
      for start in stride(from: 0, to: 20_000, by: 1000) {
        let lines = (start..<start + 1000).map { "SET s\($0) k 1\nTAG s\($0) user:7 all\n" }.joined()
        let replies = try connection.exchange(Array(lines.utf8), replies: 2000)
        #expect(replies.allSatisfy { $0.hasPrefix("OK ") })
      }
      _ = try connection.request("SET kept k 1").version
      #expect(try connection.request("TAG kept all") == "OK 1")
      try connection.send("REVOKEALL user:7\nGET s1\n")
      var sessions: [Double] = []
      repeat {
        sessions.append(try other.request("STATS").number("sessions"))
      } while sessions.last != 1 && sessions.count < 100_000
      #expect(sessions.last == 1)
      // It was seen under way: the other connection had its turns.
      #expect(sessions.contains { $0 > 1 && $0 < 20_001 })
      #expect(try connection.reply() == "OK 20000")
      #expect(try connection.reply() == "NIL")
      #expect(try connection.request("TAGGED all") == #"OK ["kept"]"#)
      #expect(try connection.request("SET s19999 k 1").errorCode == "revoked")
      #expect(try connection.request("STATS").number("tagged_pairs") == 1)
    }
  }

  @Test("sessions that begin with NEW on many connections at once all have ids of their own")
  func manyNew() throws {
    try withDaemon { daemon in
      let lines = Array(String(repeating: "NEW\n", count: 2000).utf8)
      var ids: Set<String> = []
      for _ in 0..<4 { ids.formUnion(try daemon.connect().exchange(lines, replies: 2000)) }
      #expect(ids.count == 8000)
      #expect(try daemon.ask("STATS").number("sessions") == 8000)
    }
  }
}
