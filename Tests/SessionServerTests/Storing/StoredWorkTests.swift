import SessionStore
import StoreSupport
import Testing

@testable import SessionServer

@Suite("What concerns many sessions, over a store")
struct StoredWorkTests {
  private func ids(_ reply: String) -> [String] {
    reply.split(separator: "\"").map(String.init).filter { $0.hasPrefix("s") && $0 != "sessions" }
  }

  @Test(
    "lists sessions that memory has forgotten, has changed, or has only just made",
    arguments: StoredDaemon.Mode.allCases)
  func list(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      let client = try daemon.client()
      for number in 0..<50 { _ = client.ask("SET s\(number) k 1") }
      try daemon.flush()
      daemon.forgetAll()
      _ = client.ask("DEL s7")
      _ = client.ask("SET s50 k 1")
      #expect(ids(client.ask("LIST LIMIT 1000")).count == 50)
      #expect(Set(ids(client.ask("LIST MATCH s1 LIMIT 1000"))).count == 11)
      var listed: [String] = []
      var next = ""
      for _ in 0..<100 {
        let page = client.ask("LIST\(next) LIMIT 7")
        listed += ids(String(page.prefix(while: { $0 != "]" })))
        let words = page.split(separator: "\"")
        guard words[words.count - 2] != "next" else { break }
        next = " AFTER \(words[words.count - 2])"
      }
      #expect(listed.count == 50)
      #expect(Set(listed).count == 50)
    }
  }

  @Test(
    "lists the sessions of a tag in pages of which none but the last is short",
    arguments: StoredDaemon.Mode.allCases)
  func tagged(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      let client = try daemon.client()
      for number in 0..<100 {
        _ = client.ask("SET s\(number) k 1")
        _ = client.ask("TAG s\(number) t")
      }
      try daemon.flush()
      for number in 0..<30 { _ = client.ask("UNTAG s\(number) t") }
      daemon.forgetAll()
      var listed: [String] = []
      for round in 0..<10 {
        let page = ids(client.ask("TAGGED t\(listed.last.map { " AFTER \($0)" } ?? "") LIMIT 9"))
        listed += page
        #expect(page.count == 9 || round == 7)
        if page.count < 9 { break }
      }
      #expect(listed.count == 70)
      #expect(Set(listed).count == 70)
    }
  }

  @Test("revokes all sessions of a tag wherever they are", arguments: StoredDaemon.Mode.allCases)
  func revokeAll(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      let client = try daemon.client()
      for number in 0..<300 {
        _ = client.ask("SET s\(number) k 1")
        _ = client.ask("TAG s\(number) t\(number % 2)")
      }
      try daemon.flush()
      daemon.forgetAll()
      _ = client.ask("GET s2")
      _ = client.ask("UNTAG s4 t0")
      #expect(client.ask("REVOKEALL t0") == "OK 149")
      #expect(client.ask("TAGGED t0") == "OK []")
      #expect(client.ask("SET s0 k 1").hasPrefix("ERR revoked "))
      #expect(client.ask("GET s1 k") == "OK 1")
      #expect(client.ask("GET s4 k") == "OK 1")
      #expect(client.ask("REVOKEALL t0") == "OK 0")
    }
  }

  @Test(
    "revokes what it is told, an alias with its session, and counts once",
    arguments: StoredDaemon.Mode.allCases)
  func revoke(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      let client = try daemon.client()
      for number in 0..<200 { _ = client.ask("SET s\(number) k 1") }
      _ = client.ask("RENAME s0 n0 GRACE 60")
      try daemon.flush()
      daemon.forgetAll()
      #expect(client.ask("REVOKE s0 n0 s1 s1 none") == "OK 2")
      #expect(client.ask("GET n0") == "NIL")
      #expect(client.ask("SET none k 1").hasPrefix("ERR revoked "))
      let rest = (2..<200).map { "s\($0)" }.joined(separator: " ")
      #expect(client.ask("REVOKE \(rest)") == "OK 198")
    }
  }

  @Test("flushes everything that there is, a page at a time", arguments: StoredDaemon.Mode.allCases)
  func flush(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      let client = try daemon.client()
      for number in 0..<500 { _ = client.ask("SET s\(number) k 1") }
      _ = client.ask("REVOKE s1")
      try daemon.flush()
      daemon.forgetAll()
      #expect(client.ask("FLUSH") == "OK 499")
      #expect(client.ask("LIST") == "OK {\"sessions\":[],\"next\":null}")
      try daemon.flush()
      #expect(daemon.stored("s0") == nil)
      #expect(client.ask("GET s7") == "NIL")
      #expect(client.ask("SET s1 k 1").hasPrefix("ERR revoked "))
    }
  }

  @Test("does it in a memory that has no room for all of it", arguments: StoredDaemon.Mode.allCases)
  func smallMemory(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode, bytes: 0, clock: MovedClock(step: 5_000_000), ttl: 1_000_000) {
      daemon in
      let client = try daemon.client()
      let value = "\"" + String(repeating: "x", count: 30_000) + "\""
      for number in 0..<300 {
        #expect(client.version("SET s\(number) k \(value)") != nil)
        #expect(client.ask("TAG s\(number) t") == "OK 1")
      }
      #expect(ids(client.ask("TAGGED t LIMIT 1000")).count == 300)
      #expect(client.ask("TOUCH \((0..<300).map { "s\($0)" }.joined(separator: " "))") == "OK 300")
      #expect(client.ask("REVOKEALL t") == "OK 300")
    }
  }

  @Test("stops in the middle when the store goes away, and says so")
  func away() async throws {
    try await StoredDaemon.with(.through) { daemon in
      let client = try daemon.client()
      for number in 0..<300 {
        _ = client.ask("SET s\(number) k 1")
        _ = client.ask("TAG s\(number) t")
      }
      daemon.store.faults.fail([.apply], with: .unavailable("no space", isDecided: true))
      #expect(client.ask("REVOKEALL t") == "ERR unavailable the store is away: no space")
      try daemon.waitUntilBack()
      #expect(client.ask("REVOKEALL t") == "OK 300")
    }
  }
}
