import Glibc
import Testing

@Suite("Expiry: idle and absolute, slid by those commands that slide")
struct ExpiryTests {
  /// Waits until the clock has visibly moved on for the session.
  private func waitUntilUsed(_ session: String, _ connection: RawConnection) throws {
    try eventually("time passes") { try connection.request("TTL \(session)").okNumber < 999.9 }
  }

  @Test(
    "these slide the TTL",
    arguments: [
      "GET s1", "GET s1 a", "MGET s1 a", "TOUCH s1", "SET s1 a 2", "MSET s1 {}", "INCR s1 n", "DEL s1 b",
      "EXPIRE s1 1000",
    ])
  func sliding(request: String) throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      _ = try connection.request(#"MSET s1 TTL 1000 {"a":1,"b":2}"#).version
      try waitUntilUsed("s1", connection)
      // In one write, so that nothing delays the one behind the other.
      let replies = try connection.exchange(Array("TTL s1\n\(request)\nTTL s1\n".utf8), replies: 3)
      #expect(replies[1].hasPrefix("OK "))
      #expect(try replies[2].okNumber > replies[0].okNumber)
    }
  }

  @Test(
    "these don't",
    arguments: [
      "PEEK s1", "PEEK s1 a", "EXISTS s1", "TTL s1", "INFO s1", "LIST", "STATS", "SET s1 a IF 0 1",
      "SET s1 a {", "INCR s1 b",
      "GET s1 a b", "TOUCH s2", "MSET s1 []",
    ])
  func notSliding(request: String) throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      _ = try connection.request(#"MSET s1 TTL 1000 {"a":1,"b":"x"}"#).version
      try waitUntilUsed("s1", connection)
      let replies = try connection.exchange(Array("TTL s1\n\(request)\nTTL s1\n".utf8), replies: 3)
      #expect(try replies[2].okNumber <= replies[0].okNumber)
    }
  }

  @Test("a session that nobody uses ends, is counted, and a new one under its id starts from nothing")
  func idle() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      let first = try connection.request("SET s1 a TTL 0.05 1").version
      _ = try connection.request("SET s2 a TTL 1000 1").version
      try eventually("it ends") { try connection.request("EXISTS s1") == "OK false" }
      for request in ["GET s1", "PEEK s1 a", "MGET s1 a", "TTL s1", "INFO s1"] {
        #expect(try connection.request(request) == "NIL")
      }
      for request in ["TOUCH s1", "DEL s1", "DEL s1 a"] { #expect(try connection.request(request) == "OK 0") }
      #expect(try connection.request("EXPIRE s1 5") == "OK false")
      #expect(
        try connection.request("SET s1 b IF \(first) 1") == "ERR conflict current version 0"
          || connection.request("SET s1 b IF \(first) 1").errorCode == "conflict")
      #expect(try connection.request("SET s1 b IF 0 2").version > first)
      #expect(try connection.request("GET s1") == #"OK {"b":2}"#)
      #expect(try connection.request("INFO s1").number("idle") == 600)
      try eventually("it is counted") { try connection.request("STATS").number("expired") >= 1 }
      #expect(try connection.request("GET s2 a") == "OK 1")
    }
  }

  @Test("--max-lifetime ends a session however much it is used, and no command moves that moment")
  func lifetime() throws {
    try withDaemon("--max-lifetime", "400ms") { daemon in
      let connection = try daemon.connect()
      _ = try connection.request("SET s1 a TTL 1000 1").version
      var last = try connection.request("TTL s1").okNumber
      #expect(last <= 0.4)
      try eventually("it ends") {
        let replies = try connection.exchange(
          Array("TOUCH s1\nEXPIRE s1 1000\nPEEK s1\nTTL s1\n".utf8), replies: 4)
        if replies[3] == "NIL" { return true }
        let left = try replies[3].okNumber
        #expect(left <= last)
        last = left
        return false
      }
      #expect(try connection.request("GET s1 a") == "NIL")
    }
  }

  @Test("SET and MSET keep the session's own idle time unless they name one; EXPIRE sets it")
  func ownIdleTime() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      func idle() throws -> Double { try connection.request("INFO s1").number("idle") }
      _ = try connection.request("SET s1 a 1").version
      #expect(try idle() == 600)
      _ = try connection.request("SET s1 a TTL 0.75 1").version
      #expect(try idle() == 0.75)
      _ = try connection.request("SET s1 a TTL 50 1").version
      _ = try connection.request("SET s1 a 1").version
      _ = try connection.request("MSET s1 {}").version
      _ = try connection.request("INCR s1 a")
      #expect(try idle() == 50)
      let before = try connection.request("INFO s1").number("version")
      #expect(try connection.request("EXPIRE s1 315360000") == "OK true")
      #expect(try idle() == 315_360_000)
      #expect(try connection.request("INFO s1").number("version") == before)
      _ = try connection.request("MSET s1 TTL 0.001 {}").version
      try eventually("it ends") { try connection.request("EXISTS s1") == "OK false" }
    }
  }

  @Test("when a session was created does not change with every look at it")
  func created() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      _ = try connection.request("SET s1 a 1").version
      let first = try connection.request("INFO s1").number("created")
      #expect(abs(first - Double(time(nil))) < 300)
      for _ in 0..<500 { #expect(try connection.request("INFO s1").number("created") == first) }
    }
  }

  @Test("reading what is not there creates nothing")
  func readingCreatesNothing() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      let requests = [
        "GET s1", "GET s1 a", "PEEK s1", "PEEK s1 a", "MGET s1 a", "EXISTS s1", "TTL s1", "EXPIRE s1 5",
        "TOUCH s1", "INFO s1",
        "DEL s1", "DEL s1 a", "SET s1 a IF 5 1", "MSET s1 IF 5 {}", "SET s1 a {", "MSET s1 []",
      ]
      for request in requests {
        let reply = try connection.request(request)
        #expect(
          ["NIL", "OK false", "OK 0"].contains(reply) || reply.errorCode != nil, "\(request): \(reply)")
      }
      #expect(try connection.request("STATS").number("sessions") == 0)
      #expect(try connection.request("LIST") == #"OK {"sessions":[],"next":null}"#)
    }
  }

  @Test("100,000 sessions that end within a second: others read on undisturbed, and the memory comes back")
  func storm() throws {
    try withDaemon { daemon in
      let witness = try daemon.connect()
      let value = "\"\(String(repeating: "w", count: 100))\""
      _ = try witness.request("SET witness a TTL 1000 \(value)").version
      let before = try witness.request("STATS")
      let filler = try daemon.connect()
      for batch in 0..<100 {
        let lines = (0..<1000).map { "SET s\(batch)-\($0) a TTL 1 \(value)\n" }.joined()
        let replies = try filler.exchange(Array(lines.utf8), replies: 1000)
        let refusal = replies.first { !$0.hasPrefix("OK ") }
        try #require(refusal == nil, "in batch \(batch)")
      }
      try eventually("all of them are gone", within: 60) {
        for _ in 0..<100 {
          #expect(try witness.request("GET witness a") == "OK \(value)")
        }
        let statistics = try witness.request("STATS")
        return try statistics.number("sessions") == 1 && statistics.number("expired") == 100_000
      }
      try eventually("the memory comes back") {
        let after = try witness.request("STATS")
        let room = Double(2 << 20)
        return try after.number("used") < before.number("used") + room
          && after.number("reserved") < before.number("reserved") + room
      }
    }
  }
}
