import Testing

@Suite("Lines are cut from the stream however it arrives")
struct FramingTests {
  /// Good and bad lines whose replies don't depend on what went before but for versions.
  private static let script: [UInt8] =
    Array("SET s1 a {\"k\": [1, 2]}\nGET s1 a\r\nNOSUCH\n\nGET s1 \"\\u0061\"\nGET ".utf8) + [0xff, 0x0a]
    + Array("SET s1 b \"é😀\"\nGET s1 b\nPI\rNG\nMSET s1 {\"c\":tru}\nGET s1 c\nPING\0\nDEL s1\nGET s1\n".utf8)

  private static let replyCount = 14

  /// Replies with the numbers taken out that differ from run to run.
  private func plain(_ replies: [String]) -> [String] {
    replies.map { $0.replacing(/^OK [0-9]+$/, with: "OK #") }
  }

  @Test("one byte a write, and every way to cut a stream in two, give the same replies")
  func everySplit() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      let expected = plain(try connection.exchange(Self.script, replies: Self.replyCount))
      #expect(
        expected.map { $0.errorCode ?? $0 } == [
          "OK #", #"OK {"k":[1,2]}"#, "unknown", "syntax", #"OK {"k":[1,2]}"#, "syntax", "OK #", #"OK "é😀""#,
          "unknown", "bad-json", "NIL", "unknown", "OK #", "NIL",
        ])
      for byte in Self.script { try connection.send([byte]) }
      #expect(plain(try connection.exchange([], replies: Self.replyCount)) == expected)
      for cut in 1..<Self.script.count {
        try connection.send(Array(Self.script[..<cut]))
        // A reply to the first whole line shows that the daemon has read the first part.
        let first = Self.script[..<cut].contains(10) ? [try connection.reply()] : []
        let rest = try connection.exchange(Array(Self.script[cut...]), replies: Self.replyCount - first.count)
        #expect(plain(first + rest) == expected, "cut after byte \(cut)")
      }
    }
  }

  @Test("a line over the limit is refused once, whatever the sizes of the pieces that it comes in")
  func overlongInPieces() throws {
    try withDaemon("--max-line", "1K") { daemon in
      let connection = try daemon.connect()
      for size in [1, 7, 100, 1023, 1024, 1025, 5000] {
        var rest = [UInt8](repeating: UInt8(ascii: "x"), count: 5000)[...]
        while !rest.isEmpty {
          try connection.send(Array(rest.prefix(size)))
          rest = rest.dropFirst(size)
        }
        let replies = try connection.exchange(Array("\nPING\n".utf8), replies: 2)
        #expect(replies[0].errorCode == "too-large", "pieces of \(size)")
        #expect(replies[1] == #"OK "pong""#, "pieces of \(size)")
      }
    }
  }

  @Test("10,000 commands in one write are answered in order")
  func manyCommands() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      let requests = Array(String(repeating: "INCR s1 n\n", count: 10_000).utf8)
      let replies = try connection.exchange(requests, replies: 10_000)
      #expect(replies == (1...10_000).map { "OK \($0)" })
      #expect(try connection.request("PING") == #"OK "pong""#)
    }
  }

  @Test("10,000 bad commands in one write get 10,000 errors")
  func manyBadCommands() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      let requests = Array(String(repeating: "NOSUCH\nSET s1 a {\n", count: 5000).utf8)
      let replies = try connection.exchange(requests, replies: 10_000)
      #expect(replies.allSatisfy { $0.errorCode != nil })
      #expect(try connection.request("PING") == #"OK "pong""#)
    }
  }

  @Test("a half-closed connection still gets its replies, and then the end")
  func halfClose() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      try connection.send(String(repeating: "INCR s1 n\n", count: 1000))
      try connection.finishSending()
      #expect(try connection.readToEnd() == (1...1000).map { "OK \($0)" })
    }
  }

  @Test("many large replies all come after a half-close, and after QUIT, however slowly they are read")
  func largeRepliesBeforeTheEnd() throws {
    try withDaemon { daemon in
      let value = "\"\(String(repeating: "x", count: 50_000))\""
      _ = try daemon.ask("SET s1 a \(value)").version
      let quitting = try daemon.connect()
      try quitting.send(String(repeating: "GET s1 a\n", count: 500) + "QUIT\n")
      let ending = try daemon.connect()
      try ending.send(String(repeating: "GET s1 a\n", count: 500))
      try ending.finishSending()
      for _ in 0..<500 {
        #expect(try quitting.reply().utf8.count == value.utf8.count + 3)
        #expect(try ending.reply().utf8.count == value.utf8.count + 3)
      }
      #expect(try quitting.reply() == "OK")
      #expect(try quitting.isClosed())
      #expect(try ending.isClosed())
    }
  }

  @Test("a line without its end is not executed; who still reads is told so")
  func unfinishedLine() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      try connection.send("SET s1 a 1\nDEL s1")
      try connection.finishSending()
      let replies = try connection.readToEnd()
      #expect(replies.count == 2)
      #expect(replies.last?.errorCode == "syntax")
      #expect(try daemon.ask("GET s1 a") == "OK 1")
    }
  }

  @Test("what follows QUIT is not executed")
  func quit() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      try connection.send("SET s1 a 1\nQUIT\nDEL s1\n")
      #expect(try connection.reply().hasPrefix("OK "))
      #expect(try connection.reply() == "OK")
      #expect(try connection.isClosed())
      #expect(try daemon.ask("GET s1 a") == "OK 1")
    }
  }

  @Test("clients that vanish in the middle of a line change nothing and leave nothing behind")
  func vanishing() throws {
    try withDaemon { daemon in
      let witness = try daemon.connect()
      _ = try witness.request("SET s1 a 1").version
      try daemon.waitUntilAlone(witness)
      let descriptors = daemon.facts.descriptors.count
      for length in 1...200 {
        let client = try daemon.connect()
        try client.send("DEL s1 a" + String(repeating: " b", count: length))
        client.close()
      }
      try daemon.waitUntilAlone(witness)
      try eventually("their descriptors are closed") { daemon.facts.descriptors.count == descriptors }
      #expect(try witness.request("GET s1 a") == "OK 1")
    }
  }

  @Test("clients that close with replies unread end nothing but their own connection")
  func reset() throws {
    try withDaemon { daemon in
      let witness = try daemon.connect()
      _ = try witness.request("SET s1 a \"\(String(repeating: "x", count: 50_000))\"").version
      for _ in 0..<50 {
        let client = try daemon.connect()
        try client.send(String(repeating: "GET s1 a\n", count: 100))
        client.close()
      }
      try daemon.waitUntilAlone(witness)
      #expect(try witness.request("PING") == #"OK "pong""#)
    }
  }
}
