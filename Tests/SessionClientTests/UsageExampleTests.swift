import SessionClient
import Testing

struct CartItem: Codable, Equatable {
  var article: String
  var amount: Int
}

/// The example of the README, word for word.
func serve(_ sessions: SessionClient) async throws {
  // A login. 0 means: only if there is no such session yet.
  try await sessions.setMany(
    "s1", ["user": "u42", "theme": "dark", "beta": true], ifVersion: 0, ttl: .seconds(1800))

  // Values of your own types.
  try await sessions.set("s1", "cart", [CartItem(article: "tea", amount: 2)])
  let cart: [CartItem]? = try await sessions.get("s1", "cart")
  let visits = try await sessions.increment("s1", "visits")
  print(cart?.count ?? 0, "articles, visit", visits)

  // Read, change, and write only if nobody else wrote meanwhile.
  do {
    guard let seen = try await sessions.info("s1") else { return print("logged out") }
    try await sessions.set("s1", "theme", "light", ifVersion: seen.version)
  } catch SessionError.conflict(let version) {
    print("somebody was faster; the session is at version", version)
  }
  try await sessions.delete("s1")
}

/// The first example, word for word.
func firstSteps() async throws {
  let sessions = SessionClient()
  try await sessions.set("s1", "theme", "dark")
  let theme: String? = try await sessions.get("s1", "theme")
  print(theme ?? "no such session")
}

/// The example for code that is not async, word for word.
func greeting(_ sessions: SessionClient, for id: String) throws -> String {
  let user: String? = try sessions.blocking.get(id, "user")
  return "Hello, \(user ?? "stranger")!"
}

/// The example of log-in and log-out, word for word.
func logIn(_ sessions: any SessionStoring, visitor: String, user: String) async throws -> String? {
  // Others may know the visitor's id. Requests under way can read under it for ten seconds more.
  guard let id = try await sessions.rename(visitor, grace: .seconds(10)) else { return nil }
  try await sessions.tag(id, ["user:\(user)"])
  // Reads, changes, and writes what became different: all of it again if somebody else wrote meanwhile.
  try await sessions.update(id) { values in
    values["user"] = .string(user)
    values["cart"] = .array((values["cart"]?.arrayValue ?? []) + ["a welcome gift"])
    values["campaign"] = nil
  }
  return id
}

func logOutEverywhere(_ sessions: any SessionStoring, user: String) async throws -> Int {
  try await sessions.revokeAll(tagged: "user:\(user)")
}

/// The example of the flag, word for word.
func makeSessions() throws -> any SessionStoring {
  // USE_SESSIOND=1: the daemon that SESSIOND_SOCKET names, or the usual one. Not set, or 0: this process alone.
  try sessions(fromEnvironment: .process)
}

/// The example of a clock that stands still, word for word.
func expiry() async throws -> Bool {
  let sessions = LocalSessions(options: .init(clock: .stopped))
  try await sessions.set("s1", "user", "u42", ttl: .seconds(60))
  sessions.advance(by: .seconds(61))
  return try await sessions.exists("s1")
}

@Suite(.timeLimit(.minutes(10))) struct UsageExampleTests {
  @Test("the example of log-in and log-out does what it says")
  func logInAndOut() async throws {
    let sessions = try makeSessions()
    try await sessions.setMany("visitor", ["cart": ["tea"], "campaign": "spring"])
    let id = try #require(try await logIn(sessions, visitor: "visitor", user: "42"))
    #expect(try await sessions.get("visitor") == ["cart": ["tea", "a welcome gift"], "user": "42"])
    #expect(try await logIn(sessions, visitor: "nobody", user: "42") == nil)
    #expect(try await logOutEverywhere(sessions, user: "42") == 1)
    #expect(try await sessions.get(id) == nil)
    await #expect(throws: SessionError.self) { try await sessions.set(id, "late", true) }
    #expect(try await expiry() == false)
  }

  @Test("the example of the README does what it says")
  func example() async throws {
    let daemon = try FakeDaemon { connection in
      connection.answerAll { line in
        switch line.split(separator: " ").first {
        case "GET": "OK [{\"article\":\"tea\",\"amount\":2}]\n"
        case "INFO":
          "OK {\"version\":9,\"ttl\":1,\"idle\":1,\"created\":1,\"keys\":2,\"bytes\":3,\"tags\":[]}\n"
        case "SET" where line.contains(" IF "): "ERR conflict current version 10\n"
        default: "OK 1\n"
        }
      }
    }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    try await serve(sessions)
    #expect(
      daemon.lines == [
        #"MSET s1 IF 0 TTL 1800 {"user":"u42","theme":"dark","beta":true}"#,
        #"SET s1 cart [{"amount":2,"article":"tea"}]"#,
        "GET s1 cart", "INCR s1 visits", "INFO s1", #"SET s1 theme IF 9 "light""#, "DEL s1",
      ])
  }
}
