import SessionClient
import Testing

@Suite("Reads out of the mapping", .timeLimit(.minutes(10))) struct MappedReadTests {
  @Test("are answered without a request")
  func withoutRequests() async throws {
    let segment = try TestSegment()
    try segment.set("s1", ["theme": #""dark""#, "n": "42", "ok": "true", "x": "1.5", "list": "[1, 2]"])
    let daemon = try MappedDaemon(over: segment)
    defer { daemon.stop() }
    let sessions = try daemon.client()
    let asked = daemon.lines.count
    #expect(try await sessions.get("s1", "theme") == "dark")
    #expect(try await sessions.get("s1", "n") == 42)
    #expect(try await sessions.get("s1", "ok") == true)
    #expect(try await sessions.get("s1", "x") == 1.5)
    #expect(try await sessions.get("s1", "list") == [1, 2])
    #expect(try await sessions.peek("s1", "theme") == "dark")
    #expect(try await sessions.get("s1", "none", as: String.self) == nil)
    #expect(try await sessions.get("s1", "list", as: SessionJSON.self)?.text == "[1, 2]")
    #expect(try await sessions.get("s1")?.keys == ["theme", "n", "ok", "x", "list"])
    #expect(try await sessions.getMany("s1", ["x", "none", "n"]) == ["n": 42, "x": 1.5])
    #expect(try await sessions.getMany("s1", ["x", "n"])?.keys == ["n", "x"])
    #expect(try await sessions.exists("s1"))
    let left = try #require(try await sessions.ttl("s1"))
    #expect(left > .seconds(500) && left <= .seconds(600))
    let json = try await sessions.withJSON("s1", "theme") { json in json.indices.map { json[$0] } }
    #expect(json == Array(#""dark""#.utf8))
    #expect(daemon.lines.count == asked)
  }

  @Test("block nobody, and give the same to code that is not async")
  func blocking() throws {
    let segment = try TestSegment()
    try segment.set("s1", ["theme": #""dark""#, "n": "42"])
    let daemon = try MappedDaemon(over: segment)
    defer { daemon.stop() }
    let sessions = try daemon.client().blocking
    let asked = daemon.lines.count
    #expect(try sessions.get("s1", "theme") == "dark")
    #expect(try sessions.peek("s1", "n") == 42)
    #expect(try sessions.get("s1") == ["theme": "dark", "n": 42])
    #expect(try sessions.peek("s1") == ["theme": "dark", "n": 42])
    #expect(try sessions.getMany("s1", ["n"]) == ["n": 42])
    #expect(try sessions.exists("s1"))
    #expect(try sessions.ttl("s1") != nil)
    #expect(try sessions.withJSON("s1", "n") { $0.count } == 2)
    #expect(daemon.lines.count == asked)
  }

  @Test("see each change as soon as it is made")
  func changes() throws {
    let segment = try TestSegment()
    let daemon = try MappedDaemon(over: segment)
    defer { daemon.stop() }
    let sessions = try daemon.client().blocking
    for round in 0..<1000 {
      try segment.set("s1", ["n": "\(round)"])
      #expect(try sessions.get("s1", "n") == round)
    }
    try segment.remove("s1")
    #expect(try sessions.get("s1", "n", as: Int.self) == nil)
    #expect(daemon.lines.last == "GET s1 n")
  }

  @Test("of sessions that are not there are asked of the daemon", arguments: ["GET", "PEEK", "MGET"])
  func missing(command: String) async throws {
    let segment = try TestSegment()
    let daemon = try MappedDaemon(over: segment) { line in
      line.hasPrefix("MGET") ? #"OK {"k":7}"# : line.hasPrefix("GET nobody") ? "NIL" : "OK 7"
    }
    defer { daemon.stop() }
    let sessions = try daemon.client()
    switch command {
    case "GET": #expect(try await sessions.get("s1", "k") == 7)
    case "PEEK": #expect(try await sessions.peek("s1", "k") == 7)
    default: #expect(try await sessions.getMany("s1", ["k"]) == ["k": 7])
    }
    #expect(daemon.lines.last == "\(command) s1 k")
  }

  @Test("of values larger than the stack's buffer, and of large sessions, are whole")
  func large() throws {
    let segment = try TestSegment()
    let daemon = try MappedDaemon(over: segment)
    defer { daemon.stop() }
    let sessions = try daemon.client().blocking
    let asked = daemon.lines.count
    for bytes in [900, 1000, 1010, 1020, 1022, 1023, 1024, 1030, 5000, 100_000, 900_000] {
      let text = String(repeating: "x", count: bytes)
      try segment.set("s1", ["a": "1", "text": "\"\(text)\"", "b": "2"])
      #expect(try sessions.get("s1", "text") == text)
      #expect(try sessions.get("s1") == ["a": 1, "text": .string(text), "b": 2])
    }
    #expect(daemon.lines.count == asked)
  }

  @Test("of names that are none throw, and nothing is asked")
  func names() async throws {
    let segment = try TestSegment()
    try segment.set("s1", ["a": "1"])
    let daemon = try MappedDaemon(over: segment)
    defer { daemon.stop() }
    let sessions = try daemon.client()
    let asked = daemon.lines.count
    func isInvalid(_ error: any Error) -> Bool {
      if case SessionError.invalidName = error { true } else { false }
    }
    for name in ["", "a\n", String(repeating: "x", count: 256)] {
      await #expect(performing: { try await sessions.get(name, "a", as: Int.self) }, throws: isInvalid)
      await #expect(performing: { try await sessions.get("s1", name, as: Int.self) }, throws: isInvalid)
      await #expect(performing: { try await sessions.getMany("s1", ["a", name]) }, throws: isInvalid)
      await #expect(performing: { try await sessions.exists(name) }, throws: isInvalid)
      #expect(performing: { try sessions.blocking.peek("s1", name, as: Int.self) }, throws: isInvalid)
      #expect(performing: { try sessions.blocking.withJSON("s1", name) { $0.count } }, throws: isInvalid)
    }
    #expect(daemon.lines.count == asked)
  }

  @Test("of another type throw what the socket's would, and what a closure throws comes through")
  func errors() async throws {
    let segment = try TestSegment()
    try segment.set("s1", ["a": #""text""#])
    let daemon = try MappedDaemon(over: segment)
    defer { daemon.stop() }
    let sessions = try daemon.client()
    await #expect { try await sessions.get("s1", "a", as: Int.self) } throws: { error in
      if case SessionError.decoding = error { true } else { false }
    }
    await #expect(throws: CancellationError.self) {
      try await sessions.withJSON("s1", "a") { _ in throw CancellationError() }
    }
    sessions.close()
    await #expect(throws: SessionError.closed) { try await sessions.get("s1", "a", as: String.self) }
    #expect(throws: SessionError.closed) { try sessions.blocking.get("s1", "a", as: String.self) }
  }
}
