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

  @Test("FLUSH amid writers removes what was there when it came, and nothing breaks")
  func flushAmidWriters() throws {
    try withDaemon { daemon in
      let path = daemon.socketPath
      let lines = (0..<20_000).map { "SET old\($0) a 1\n" }.joined()
      _ = try daemon.connect().exchange(Array(lines.utf8), replies: 20_000)
      try inThreads(4) { index in
        let connection = try RawConnection(path: path)
        if index == 0 {
          let removed = try connection.request("FLUSH").okNumber
          guard removed >= 20_000 else { throw Failure("only \(removed) removed") }
          return
        }
        for round in 0..<2000 {
          _ = try connection.request("SET new\(index)-\(round) a \(round)").version
          _ = try connection.request("INCR new\(index) n").okNumber
        }
      }
      let connection = try daemon.connect()
      for index in stride(from: 0, to: 20_000, by: 97) {
        #expect(try connection.request("EXISTS old\(index)") == "OK false")
      }
      #expect(try connection.request("FLUSH").okNumber >= 1)
      #expect(try connection.request("STATS").number("sessions") == 0)
    }
  }

  @Test("right after FLUSH a cache that was full takes new sessions, from four clients at once")
  func flushOfAFullCache() throws {
    try withDaemon("--max-memory", "64M", "--threads", "4") { daemon in
      let connection = try daemon.connect()
      let large = "\"\(String(repeating: "v", count: 100_000))\""
      // Of a size for which there is no room yet; 40 MB together.
      let small = "\"\(String(repeating: "w", count: 20_000))\""
      let requests = (0..<4).map { client in
        Array(("FLUSH\n" + (0..<500).map { "SET t\(client)-\($0) a \(small)\n" }.joined()).utf8)
      }
      let path = daemon.socketPath
      for round in 0..<3 {
        let filled = try (0..<1000).first {
          try connection.request("SET s\($0) a \(large)").errorCode == "full"
        }
        #expect((filled ?? 0) > 100)
        try inThreads(4) { index in
          let replies = try RawConnection(path: path).exchange(requests[index], replies: 501)
          let refused = replies.count { !$0.hasPrefix("OK ") }
          guard refused == 0 else { throw Failure("round \(round): \(refused) of 500 are refused") }
        }
        _ = try connection.request("FLUSH").okNumber
      }
    }
  }

  @Test(
    "the smallest and the largest numbers of threads and shards serve",
    arguments: [("1", "1"), ("64", "1024"), ("1", "1024"), ("64", "1")])
  func threadsAndShards(threads: String, shards: String) throws {
    try withDaemon("--threads", threads, "--shards", shards) { daemon in
      let connection = try daemon.connect()
      let lines = (0..<5000).map { "SET s\($0) a \($0)\nGET s\($0) a\n" }.joined()
      let replies = try connection.exchange(Array(lines.utf8), replies: 10_000)
      for index in 0..<5000 { #expect(replies[2 * index + 1] == "OK \(index)") }
      #expect(try connection.request("FLUSH") == "OK 5000")
    }
  }
}
