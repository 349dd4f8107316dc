import Testing

@Suite("Clients that are slow, or never read, hurt only themselves")
struct SlowClientTests {
  @Test("500 clients with an unfinished line are dropped at --line-timeout, while another is served")
  func unfinishedLines() throws {
    try DescriptorLimit.raise()
    try withDaemon("--line-timeout", "1s") { daemon in
      let witness = try daemon.connect()
      _ = try witness.request("SET s1 a 1").version
      var clients: [RawConnection] = []
      for _ in 0..<500 {
        let client = try daemon.connect()
        try client.send("D")
        clients.append(client)
      }
      for client in clients {
        #expect(try witness.request("GET s1 a") == "OK 1")
        while let line = try client.readLine() { #expect(line.errorCode != nil) }
      }
      let statistics = try witness.request("STATS")
      #expect(try statistics.number("current") == 1)
      #expect(try statistics.number("dropped") >= 500)
    }
  }

  @Test("bytes that trickle in don't put the timeout off; a client between two lines has all the time")
  func tricklingBytes() throws {
    try withDaemon("--line-timeout", "300ms") { daemon in
      let idle = try daemon.connect()
      #expect(try idle.request("PING") == #"OK "pong""#)
      let client = try daemon.connect()
      try eventually("the trickling client is dropped") {
        pause(milliseconds: 20)
        do { try client.send("x") } catch { return true }
        return false
      }
      #expect(try idle.request("PING") == #"OK "pong""#)
    }
  }

  @Test("a client that has sent whole lines and reads late is not taken for one that does not finish a line")
  func readsLate() throws {
    try withDaemon("--line-timeout", "200ms") { daemon in
      let value = "\"\(String(repeating: "x", count: 50_000))\""
      _ = try daemon.ask("SET s1 a \(value)").version
      let client = try daemon.connect()
      try client.send(String(repeating: "GET s1 a\n", count: 200))
      pause(milliseconds: 1500)
      for _ in 0..<200 { #expect(try client.reply().utf8.count == value.utf8.count + 3) }
      #expect(try client.request("PING") == #"OK "pong""#)
    }
  }

  @Test("a client that sends without a pause does not keep others from being served by the same thread")
  func floodOnOneThread() throws {
    try withDaemon("--threads", "1") { daemon in
      let path = daemon.socketPath
      let witness = try daemon.connect()
      try inThreads(3) { index in
        let client = try RawConnection(path: path)
        if index == 0 {
          for _ in 0..<200 {
            guard try client.request("PING") == #"OK "pong""# else { throw Failure("no pong") }
          }
          return
        }
        let requests = Array(String(repeating: "INCR s\(index) n\n", count: 20_000).utf8)
        let replies = try client.exchange(requests, replies: 20_000)
        guard replies.last == "OK 20000" else { throw Failure("\(replies.last ?? "nothing")") }
      }
      #expect(try witness.request("GET s1 n") == "OK 20000")
    }
  }

  @Test("a client that sends and never reads is no longer read from; its replies come when it does read")
  func neverReads() throws {
    try withDaemon { daemon in
      let witness = try daemon.connect()
      let value = "\"\(String(repeating: "x", count: 50_000))\""
      _ = try witness.request("SET s1 a \(value)").version
      let before = try daemon.facts.anonymousBytes

      let client = try daemon.connect()
      let request = Array("GET s1 a\n".utf8)
      // 200 MB of replies, were they all made.
      let requests = Array(repeatElement(request, count: 4000).joined())
      var sent = 0
      var idleRounds = 0
      var most = 0
      while sent < requests.count && idleRounds < 20 {
        let count = try client.sendWithoutWaiting(requests[sent...])
        sent += count
        idleRounds = count == 0 ? idleRounds + 1 : 0
        #expect(try witness.request("PING") == #"OK "pong""#)
        most = max(most, try daemon.facts.anonymousBytes)
        pause(milliseconds: 5)
      }
      #expect(most - before < 16 << 20)

      let replies = try client.exchange(Array(requests[sent...]), replies: 4000)
      #expect(replies.count == 4000)
      #expect(replies.allSatisfy { $0.utf8.count == value.utf8.count + 3 })
    }
  }

  @Test("a hundred clients that never read take bounded memory, and others are served all the while")
  func manyThatNeverRead() throws {
    try withDaemon { daemon in
      let witness = try daemon.connect()
      _ = try witness.request("SET s1 a \"\(String(repeating: "x", count: 100_000))\"").version
      let before = try daemon.facts.anonymousBytes
      let requests = Array(String(repeating: "GET s1 a\n", count: 1000).utf8)
      var clients: [RawConnection] = []
      for _ in 0..<100 {
        let client = try daemon.connect()
        _ = try client.sendWithoutWaiting(requests[...])
        clients.append(client)
        #expect(try witness.request("PING") == #"OK "pong""#)
      }
      for _ in 0..<50 {
        #expect(try witness.request("GET s1 a").utf8.count == 100_005)
      }
      // 10 GB of replies wait to be made; what has been made is at most a few buffers a client.
      #expect(try daemon.facts.anonymousBytes - before < 200 << 20)
      for client in clients { client.close() }
      try daemon.waitUntilAlone(witness)
    }
  }
}
