import Testing

@Suite("What is held for one user's clients together is bounded: who goes past it is closed")
struct BufferLimitTests {
  /// One thread, so that what it was sent first it has also counted first.
  private let options = DaemonOptions(arguments: ["--threads", "1", "--max-buffers", "4M"])
  private let text = String(repeating: "x", count: 900_000)

  @Test("of clients that never finish a line the one past max-buffers is closed and counted; the others live")
  func unfinishedLines() throws {
    try withDaemon(options) { daemon in
      let witness = try daemon.connect()
      var clients: [RawConnection] = []
      for index in 0..<4 {
        let client = try daemon.connect()
        try client.send("SET s\(index) a \"\(text)")
        try eventually("the daemon has read all of it") { try client.unreadBytes == 0 }
        clients.append(client)
      }
      #expect(try witness.request("STATS").number("dropped") == 0)
      let oneMore = try daemon.connect()
      // It is closed while it sends.
      do { try oneMore.send("SET s4 a \"\(text)") } catch is SystemCallError {}
      #expect(try oneMore.isClosed())
      #expect(try witness.request("STATS").number("dropped") == 1)

      for client in clients {
        try client.send("\"\n")
        _ = try client.reply().version
      }
      // What was held for them is free again.
      let next = try daemon.connect()
      _ = try next.exchange(Array("SET s4 a \"\(text)\"\n".utf8), replies: 1)[0].version
    }
  }

  @Test("of clients that never read the one past max-buffers is closed and counted; the others live")
  func unreadReplies() throws {
    try withDaemon(options) { daemon in
      let witness = try daemon.connect()
      _ = try witness.exchange(Array("SET s1 a \"\(text)\"\n".utf8), replies: 1)[0].version
      var clients: [RawConnection] = []
      while try witness.request("STATS").number("dropped") == 0, clients.count < 100 {
        let client = try daemon.connect()
        try client.send("GET s1 a\n")
        try client.waitForReply()
        clients.append(client)
      }
      // A reply is 900,000 bytes, of which the socket takes some.
      #expect((5..<100).contains(clients.count), "\(clients.count)")
      let last = clients.removeLast()
      #expect(throws: (any Error).self) { try last.reply() }
      #expect(try witness.request("STATS").number("dropped") == 1)
      for client in clients {
        #expect(try client.reply().utf8.count == text.utf8.count + 5)
        #expect(try client.request("PING") == #"OK "pong""#)
      }
    }
  }
}
