import SessionClient
import Synchronization
import Testing

/// One call of the client for the rules about lost replies.
struct Call: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let line: String
  let reply: String
  let perform: @Sendable (SessionClient) async throws -> Void

  init(_ line: String, _ reply: String, _ perform: @escaping @Sendable (SessionClient) async throws -> Void) {
    testDescription = line
    self.line = line
    self.reply = reply
    self.perform = perform
  }

  static let reads = [
    Call("GET s k", "OK 1") { _ = try await $0.get("s", "k", as: Int.self) },
    Call("PEEK s", "NIL") { _ = try await $0.peek("s") },
    Call("MGET s a b", "OK {}") { _ = try await $0.getMany("s", ["a", "b"]) },
    Call("EXISTS s", "OK true") { _ = try await $0.exists("s") },
    Call("TTL s", "OK 1.5") { _ = try await $0.ttl("s") },
    Call("PING", "OK \"pong\"") { try await $0.ping() },
    Call("LIST LIMIT 100", "OK {\"sessions\":[],\"next\":null}") { _ = try await $0.list() },
    Call("TAGGED t LIMIT 100", "OK []") { _ = try await $0.tagged("t") },
    Call("WHY s", "NIL") { _ = try await $0.why("s") },
    Call("DUMP s", "NIL") { _ = try await $0.dump("s") },
  ]
  static let repeatableWrites = [
    Call("DEL s", "OK 1") { _ = try await $0.delete("s") },
    Call("DEL s k", "OK 1") { _ = try await $0.delete("s", keys: ["k"]) },
    Call("EXPIRE s 60", "OK true") { _ = try await $0.expire("s", after: .seconds(60)) },
    Call("TOUCH s", "OK 1") { _ = try await $0.touch("s") as Bool },
    Call("REVOKE s", "OK 1") { _ = try await $0.revoke("s") as Bool },
  ]
  static let sets = [
    Call("SET s k 1", "OK 7") { _ = try await $0.set("s", "k", 1) },
    Call("MSET s TTL 60 {\"a\":1}", "OK 7") { _ = try await $0.setMany("s", ["a": 1], ttl: .seconds(60)) },
  ]
  static let counted = [
    Call("INCR s k", "OK 1") { _ = try await $0.increment("s", "k") },
    Call("SET s k IF 7 1", "OK 8") { _ = try await $0.set("s", "k", 1, ifVersion: 7) },
    Call("MSET s IF 0 {\"a\":1}", "OK 8") { _ = try await $0.setMany("s", ["a": 1], ifVersion: 0) },
    Call("FLUSH", "OK 3") { _ = try await $0.flush() },
    Call("NEW {}", "OK \"id\"") { _ = try await $0.create() },
    Call("RENAME s", "OK \"id\"") { _ = try await $0.rename("s") },
    Call("TAG s t", "OK 1") { _ = try await $0.tag("s", ["t"]) },
    Call("UNTAG s t", "OK 1") { _ = try await $0.untag("s", ["t"]) },
    Call("REVOKEALL t", "OK 1") { _ = try await $0.revokeAll(tagged: "t") },
    Call("RESTORE {\"session\":\"s\",\"tags\":[],\"data\":{}}", "OK 1") {
      _ = try await $0.restore(SessionDump(session: "s"))
    },
  ]
}

@Suite(.timeLimit(.minutes(10))) struct RepetitionTests {
  /// Reads the request and closes without an answer, `losses` times; answers afterwards.
  private func forgetful(losses: Int, _ reply: String) throws -> FakeDaemon {
    try FakeDaemon { connection in
      guard connection.readLine() != nil else { return }
      if connection.number > losses {
        connection.send(reply + "\n")
        connection.answerAll { _ in reply + "\n" }
      }
    }
  }

  @Test(
    "what is safe to repeat is sent again when its reply was lost",
    arguments: Call.reads + Call.repeatableWrites)
  func repeated(call: Call) async throws {
    let daemon = try forgetful(losses: 2, call.reply)
    try await call.perform(client(of: daemon))
    #expect(daemon.lines == [call.line, call.line, call.line])
  }

  @Test("sets are sent again too by a client that was told to", arguments: Call.sets)
  func repeatedSets(call: Call) async throws {
    let daemon = try forgetful(losses: 2, call.reply)
    try await call.perform(client(of: daemon, repeatsLostSets: true))
    #expect(daemon.lines == [call.line, call.line, call.line])
  }

  @Test(
    "what would count twice is sent once by every client, and the error says that it may have been applied",
    arguments: Call.counted, [false, true])
  func counted(call: Call, repeatsLostSets: Bool) async throws {
    try await sentOnce(call, repeatsLostSets: repeatsLostSets)
  }

  @Test(
    "what could undo a log-out is sent once, and the error says that it may have been applied",
    arguments: Call.sets)
  func sets(call: Call) async throws {
    try await sentOnce(call, repeatsLostSets: false)
  }

  private func sentOnce(_ call: Call, repeatsLostSets: Bool) async throws {
    let daemon = try forgetful(losses: 1, call.reply)
    let sessions = client(of: daemon, repeatsLostSets: repeatsLostSets)
    defer { daemon.stop() }
    await #expect(throws: SessionError.disconnected(mayHaveBeenApplied: true)) {
      try await call.perform(sessions)
    }
    #expect(daemon.lines == [call.line])
    // The client itself is well.
    try await call.perform(sessions)
    #expect(daemon.lines == [call.line, call.line])
  }

  @Test("a session that someone ended after a set whose reply was lost stays ended")
  func logOutStands() async throws {
    let session = Mutex(false)
    @Sendable func execute(_ line: String) -> String {
      session.withLock { isThere in
        switch line.prefix(3) {
        case "SET": isThere = true
        case "DEL": isThere = false
        default: break
        }
        return "OK \(isThere)\n"
      }
    }
    let daemon = try FakeDaemon { connection in
      guard connection.number == 1 else { return connection.answerAll(execute) }
      _ = connection.readLine().map(execute)
      // Somebody else, before the connection breaks.
      _ = execute("DEL s")
    }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    await #expect(throws: SessionError.disconnected(mayHaveBeenApplied: true)) {
      try await sessions.set("s", "k", 1)
    }
    #expect(try await sessions.exists("s") == false)
  }

  @Test("a reply that was cut short is lost", arguments: Call.counted + Call.sets)
  func cutShort(call: Call) async throws {
    let daemon = try FakeDaemon { connection in
      _ = connection.readLine()
      connection.send("OK 1")
    }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    await #expect(throws: SessionError.disconnected(mayHaveBeenApplied: true)) {
      try await call.perform(sessions)
    }
    #expect(daemon.lines == [call.line])
  }

  @Test("a request that loses every daemon it meets is sent three times and no more")
  func atMostThreeTimes() async throws {
    let daemon = try forgetful(losses: .max, "")
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    await #expect(throws: SessionError.disconnected(mayHaveBeenApplied: false)) {
      try await sessions.get("s", "k", as: Int.self)
    }
    #expect(daemon.lines.count == 3)
    await #expect(throws: SessionError.disconnected(mayHaveBeenApplied: true)) {
      try await sessions.delete("s")
    }
    #expect(daemon.lines.count == 6)
  }

  @Test("a set and a count that provably were not sent go out on the next connection")
  func neverSent() async throws {
    let closing = Signal()
    let daemon = try FakeDaemon { connection in
      if connection.number == 1 {
        closing.block()
      } else {
        connection.answerAll { $0.hasPrefix("INCR") ? "OK 1\n" : "OK 2\n" }
      }
    }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    // More than a socket takes while nobody reads, so the count waits behind it.
    let long = Task { try await sessions.set("s", "k", String(repeating: "x", count: 1_000_000)) }
    try await daemon.waitForConnection()
    let count = Task { try await sessions.increment("s", "n") }
    try await Task.sleep(for: .milliseconds(50))
    closing.raise()
    #expect(try await long.value == 2)
    #expect(try await count.value == 1)
    #expect(daemon.lines.filter { $0 == "INCR s n" }.count == 1)
  }

  @Test("replies that were sent before the daemon closed still count")
  func repliesBeforeTheEnd() async throws {
    let asked = Signal()
    let daemon = try FakeDaemon { connection in
      guard connection.number == 1 else { return connection.answerAll { _ in "OK 3\n" } }
      _ = connection.readLines(3)
      asked.raise()
      connection.send("OK 1\nOK 2\n")
    }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    var outcomes: [String] = []
    await withTaskGroup(of: String.self) { group in
      for _ in 0..<3 {
        group.addTask {
          do { return try await String(sessions.increment("s", "k")) } catch { return "\(error)" }
        }
      }
      for await outcome in group { outcomes.append(outcome) }
    }
    outcomes.sort()
    #expect(outcomes.prefix(2) == ["1", "2"])
    #expect(outcomes.last == SessionError.disconnected(mayHaveBeenApplied: true).description)
  }
}
