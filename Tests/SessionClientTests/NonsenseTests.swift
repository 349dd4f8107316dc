import SessionClient
import Testing

@Suite(.timeLimit(.minutes(10))) struct NonsenseTests {
  /// Answers the first connection with nonsense, and further ones well.
  private func daemon(_ nonsense: String) throws -> FakeDaemon {
    try FakeDaemon { connection in
      if connection.number == 1 {
        _ = connection.readLine()
        connection.send(nonsense)
        connection.waitForEnd()
      } else {
        connection.answerAll { _ in "OK 1\n" }
      }
    }
  }

  @Test(
    "garbage ends the connection with an error, and the next call gets a new one",
    arguments: ["HTTP/1.1 400 Bad Request\r\n", "\n", "OK \n", "EVENT {}\n", "\u{0}\u{1}\u{2}\n"])
  func garbage(nonsense: String) async throws {
    let daemon = try daemon(nonsense)
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    do {
      _ = try await sessions.increment("s", "k")
      Issue.record("garbage was taken for a reply")
    } catch SessionError.protocolViolation(let what, let mayHaveBeenApplied) {
      #expect(!what.isEmpty && mayHaveBeenApplied)
    }
    #expect(try await sessions.get("s", "k", as: Int.self) == 1)
    #expect(daemon.connections == 2)
  }

  @Test("a reply over the bound ends the connection, whether its end came or not", arguments: ["", "\n"])
  func tooLong(end: String) async throws {
    let daemon = try daemon("OK \"" + String(repeating: "x", count: 1000) + "\"" + end)
    let sessions = client(of: daemon, replyBytesMax: 1000)
    defer { daemon.stop() }
    await #expect(
      throws: SessionError.protocolViolation("a reply is longer than 1000 bytes", mayHaveBeenApplied: false)
    ) { try await sessions.get("s", "k", as: String.self) }
    #expect(try await sessions.get("s", "k", as: Int.self) == 1)
  }

  @Test("a reply of just the bound is taken")
  func justShortEnough() async throws {
    let text = String(repeating: "x", count: 995)
    let daemon = try FakeDaemon { $0.answerAll { _ in "OK \"\(text)\"\n" } }
    let sessions = client(of: daemon, replyBytesMax: 1000)
    defer { daemon.stop() }
    #expect(try await sessions.get("s", "k", as: String.self) == text)
  }

  @Test("a reply that nobody asked for ends the connection")
  func unasked() async throws {
    let daemon = try FakeDaemon { connection in
      if connection.number == 1 {
        _ = connection.readLine()
        connection.send("OK 1\nOK 2\n")
        connection.waitForEnd()
      } else {
        connection.answerAll { _ in "OK 3\n" }
      }
    }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    #expect(try await sessions.get("s", "k", as: Int.self) == 1)
    // Both replies came in one piece, so the connection is given up before the next request.
    var reply: Int?
    for _ in 0..<3 where reply == nil {
      do { reply = try await sessions.get("s", "k", as: Int.self) } catch SessionError.protocolViolation {}
    }
    #expect(reply == 3)
  }

  @Test("a reply without a value where one is due is an error, and the connection goes on")
  func wrongShape() async throws {
    let daemon = try FakeDaemon { connection in
      _ = connection.readLine()
      connection.send("OK\n")
      connection.answerAll { _ in "OK 1\n" }
    }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    await #expect(throws: SessionError.decoding("the daemon answered without a value")) {
      try await sessions.get("s", "k", as: Int.self)
    }
    #expect(try await sessions.get("s", "k", as: Int.self) == 1)
    #expect(daemon.connections == 1)
  }

  @Test("statistics of a daemon of another version are told as such, and can be had as they came")
  func otherStatistics() async throws {
    let daemon = try FakeDaemon { $0.answerAll { _ in #"OK {"version":"9.0.0","sessions":3}"# + "\n" } }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    do {
      _ = try await sessions.stats()
      Issue.record("a member that is missing was made up")
    } catch SessionError.protocolViolation(let what, let mayHaveBeenApplied) {
      #expect(what.contains("another version") && !mayHaveBeenApplied)
    }
    #expect(try await sessions.stats(as: SessionJSON.self).text == #"{"version":"9.0.0","sessions":3}"#)
  }
}
