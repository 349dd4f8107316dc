import Testing

@Suite("Bad input gets its one-line error, and nothing is lost or changed")
struct BadInputTests {
  /// What every test's session holds beforehand.
  private static let content =
    #"{"theme":"dark","visits":41,"most":9223372036854775807,"least":-9223372036854775808,"half":1.5,"#
    + #""thousand":1e3,"digits":"12","huge":18446744073709551616,"nothing":null}"#

  @Test("each is refused with its code, and the connection goes on", arguments: BadInput.all)
  func refused(_ input: BadInput) throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      _ = try connection.request("MSET s1 TTL 1000 \(Self.content)").version
      var before = try SessionSnapshot(of: "s1", on: connection)
      #expect(before.content == "OK \(Self.content)")
      for request in input.requests {
        let replies = try connection.exchange(request.bytes + Array("\nPING\n".utf8), replies: 2)
        #expect(replies[0].errorCode == request.code, "\(request): \(replies[0])")
        #expect(replies[1] == #"OK "pong""#, "after \(request)")
        let after = try SessionSnapshot(of: "s1", on: connection)
        #expect(after == before, "after \(request)")
        before = after
      }
      #expect(try connection.request("STATS").number("sessions") == 1)
    }
  }

  @Test("the text of an error is one line of printable characters, whatever was sent")
  func errorTextIsPrintable() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      for input in BadInput.all {
        for request in input.requests {
          let reply = try connection.exchange(request.bytes + [10], replies: 1)[0]
          #expect(
            reply.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f && $0.value != 0xfffd })
          #expect(reply.utf8.count < 1000, "\(request)")
        }
      }
    }
  }

  @Test("names of 255 bytes, and JSON nested 64 deep, are taken")
  func atTheLimit() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      let names = [String(repeating: "k", count: 255), String(repeating: "é", count: 127) + "x"]
      for name in names {
        _ = try connection.request("SET \(name) \(name) 1").version
        #expect(try connection.request("GET \(name) \(name)") == "OK 1")
      }
      let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
      _ = try connection.request("SET s1 deep \(deep)").version
      #expect(try connection.request("GET s1 deep") == "OK \(deep)")
      let inObject = String(deep.dropFirst().dropLast())
      _ = try connection.request(#"MSET s1 {"deep":\#(inObject)}"#).version
      #expect(try connection.request("GET s1 deep") == "OK \(inObject)")
    }
  }

  @Test("of a key that an object names twice the last value wins, in its first place")
  func lastDuplicateWins() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      _ = try connection.request(#"MSET s1 {"a":1,"b":2,"a":3,"\u0061":4}"#).version
      #expect(try connection.request("GET s1") == #"OK {"a":4,"b":2}"#)
      _ = try connection.request(#"SET s1 b {"x":1,"x":2}"#).version
      #expect(try connection.request("GET s1 b") == #"OK {"x":1,"x":2}"#)
    }
  }

  @Test("a line of exactly --max-line bytes is taken, with LF or CRLF, and one byte more is not")
  func lineLimit() throws {
    try withDaemon("--max-line", "4K") { daemon in
      let connection = try daemon.connect()
      let padding = String(repeating: " ", count: 4096 - "PING".count)
      #expect(try connection.request(padding + "PING") == #"OK "pong""#)
      #expect(try connection.request(padding + "PING\r") == #"OK "pong""#)
      #expect(try connection.request(padding + " PING").errorCode == "too-large")
      #expect(try connection.request(padding + " PING\r").errorCode == "too-large")
      #expect(try connection.request("PING") == #"OK "pong""#)
    }
  }

  @Test("a line of 200 MB is skipped in constant memory, with one error")
  func hugeLine() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      #expect(try connection.request("SET s1 a 1").hasPrefix("OK "))
      let before = try daemon.facts.anonymousBytes
      let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
      var most = 0
      for _ in 0..<200 {
        try connection.send(piece)
        most = max(most, try daemon.facts.anonymousBytes)
      }
      try connection.send("\nPING\n")
      #expect(try connection.reply().errorCode == "too-large")
      #expect(try connection.reply() == #"OK "pong""#)
      #expect(most - before < 16 << 20)
    }
  }

  @Test("an MSET of a million pairs is refused whole, by the line's limit or by that of keys")
  func millionPairs() throws {
    try withDaemon("--max-line", "32M", "--max-session", "32M") { daemon in
      let connection = try daemon.connect()
      _ = try connection.request("SET s1 a 1").version
      let before = try SessionSnapshot(of: "s1", on: connection)
      let pairs = (0..<1_000_000).map { "\"k\($0)\":1" }.joined(separator: ",")
      let line = Array("MSET s1 {\(pairs)}\n".utf8)
      #expect(try connection.exchange(line, replies: 1)[0].errorCode == "too-large")
      #expect(try SessionSnapshot(of: "s1", on: connection) == before)
    }
  }

  @Test("10,000 keys fit in a session, and one more is refused by SET, MSET and INCR alike")
  func keyLimit() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      let pairs = (0..<10_000).map { "\"k\($0)\":1" }.joined(separator: ",")
      _ = try connection.exchange(Array("MSET s1 {\(pairs)}\n".utf8), replies: 1)[0].version
      let before = try SessionSnapshot(of: "s1", on: connection)
      for request in ["SET s1 more 1", #"MSET s1 {"k1":2,"more":1}"#, "INCR s1 more"] {
        #expect(try connection.request(request).errorCode == "too-large")
      }
      #expect(try SessionSnapshot(of: "s1", on: connection) == before)
      #expect(try connection.request("INCR s1 k9999") == "OK 2")
    }
  }

  @Test("a session over --max-session is refused, and stays as it was")
  func sessionLimit() throws {
    try withDaemon("--max-session", "8K") { daemon in
      let connection = try daemon.connect()
      let half = String(repeating: "x", count: 4096)
      _ = try connection.request("SET s1 a \"\(half)\"").version
      let before = try SessionSnapshot(of: "s1", on: connection)
      #expect(try connection.request("SET s1 b \"\(half)\"").errorCode == "too-large")
      #expect(try connection.request("MSET s1 {\"b\":\"\(half)\"}").errorCode == "too-large")
      #expect(try connection.request("SET s2 b \"\(half)\(half)\"").errorCode == "too-large")
      #expect(try SessionSnapshot(of: "s1", on: connection) == before)
      #expect(try connection.request("EXISTS s2") == "OK false")
    }
  }

  @Test("a full cache refuses new data with ERR full, keeps what it has, and heals when sessions end")
  func full() throws {
    try withDaemon("--max-memory", "4M") { daemon in
      let connection = try daemon.connect()
      let value = String(repeating: "x", count: 8000)
      var stored = 0
      while stored < 2000 {
        let reply = try connection.request("SET s\(stored) a \"\(value)\"")
        if reply.errorCode == "full" { break }
        _ = try reply.version
        stored += 1
      }
      #expect(stored > 100 && stored < 2000)
      for index in 0..<stored {
        #expect(try connection.request("GET s\(index) a") == "OK \"\(value)\"")
      }
      #expect(try connection.request("EXISTS s\(stored)") == "OK false")
      #expect(try connection.request("STATS").number("full") >= 1)
      #expect(try connection.request("FLUSH") == "OK \(stored)")
      _ = try connection.request("SET s1 a \"\(value)\"").version
    }
  }
}
