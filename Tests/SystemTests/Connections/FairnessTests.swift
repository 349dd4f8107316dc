import Testing

@Suite("A client that asks for much leaves time for the others")
struct FairnessTests {
  @Test("1,000 changes of a large session in one write: others of the same thread are served between them")
  func expensiveLines() throws {
    try withDaemon("--threads", "1") { daemon in
      let witness = try daemon.connect()
      let value = String(repeating: "v", count: 60)
      let members = (10_000..<19_999).map { "\"k\($0)\":\"\(value)\"" }.joined(separator: ",")
      _ = try witness.exchange(Array("MSET big {\(members)}\n".utf8), replies: 1)[0].version

      let busy = try daemon.connect()
      try busy.send(String(repeating: "INCR big k\n", count: 1000))
      #expect(try busy.reply() == "OK 1")
      for _ in 0..<20 { #expect(try witness.request("PING") == #"OK "pong""#) }
      // So the 20 came before the last of the 1,000 was even executed.
      #expect(try witness.request("PEEK big k").okNumber < 1000)
      for number in 2...10 { #expect(try busy.reply() == "OK \(number)") }
    }
  }
}
