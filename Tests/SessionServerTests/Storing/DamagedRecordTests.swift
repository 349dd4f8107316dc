import Logging
import SessionStore
import StoreSupport
import Testing

@testable import SessionServer

@Suite("A record that is damaged in the store")
struct DamagedRecordTests {
  private static let damage = "ERR unavailable what the store has of the session is damaged"

  /// A session that only the store has, and not as it was written.
  private func damage(_ id: String, in daemon: StoredDaemon) throws {
    let client = try daemon.client()
    #expect(client.version("SET \(id) a 1") != nil)
    #expect(client.ask("TAG \(id) t") == "OK 1")
    try daemon.flush()
    daemon.store.table.damage(Array(id.utf8))
    daemon.forgetAll()
  }

  @Test("is never taken for nothing: reads and changes are refused", arguments: StoredDaemon.Mode.allCases)
  func refused(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      try damage("s", in: daemon)
      let client = try daemon.client()
      for request in [
        "GET s", "GET s a", "PEEK s", "MGET s a", "EXISTS s", "TTL s", "INFO s", "DUMP s", "TOUCH s",
        "SET s a 2",
        "MSET s {\"b\":1}", "SET s a IF 0 2", "DEL s a", "INCR s n", "EXPIRE s 5", "TAG s u", "UNTAG s t",
        "RENAME s s2", "RENAME s",
      ] {
        #expect(client.ask(request) == Self.damage, "\(request)")
      }
      #expect(client.version("SET other a 1") != nil)
      #expect(client.ask("RENAME other s") == Self.damage)
      // Others go on.
      #expect(client.ask("GET other a") == "OK 1")
      #expect(client.ask("TOUCH s other") == Self.damage)
      #expect(daemon.stored("s") != nil)
      #expect(daemon.store.statistics.damaged == 1)
      #expect(daemon.log.messages(.warning).count { $0.contains("damaged") } == 1)
      #expect(daemon.service.withState { $0.waitingCount } == 0)
    }
  }

  @Test("is written anew with its next use if memory has it whole, and is sure of it")
  func mended() async throws {
    try await StoredDaemon.with(.through) { daemon in
      let client = try daemon.client()
      for id in ["s", "t"] { #expect(client.version("SET \(id) a 1") != nil) }
      #expect(client.ask("TAG s u") == "OK 1")
      daemon.advance(seconds: 1)
      try daemon.waitUntilAllSaved()
      for id in ["s", "t"] { daemon.store.table.damage(Array(id.utf8)) }
      // Whether it was made nobody knows: what memory had is no better than nothing.
      daemon.store.faults.fail([.apply], with: .unavailable("cut", isDecided: false))
      #expect(client.ask("SET t a 2").hasSuffix("it is not known whether the change was made"))
      try daemon.waitUntilBack()
      daemon.clock.advance(seconds: 30)
      #expect(client.ask("GET s a") == "OK 1")
      let end = MovedClock.wallClockAhead + daemon.clock.now + 600_000_000_000
      try daemon.flush()
      #expect(client.ask("PEEK s a") == "OK 1")
      #expect(daemon.stored("s")?.deadline == end)
      daemon.forgetAll()
      #expect(client.ask("GET s a") == "OK 1")
      #expect(client.ask("TAGGED u") == #"OK ["s"]"#)
      #expect(client.ask("GET t a") == Self.damage)
    }
  }

  @Test("is removed by DEL; then the id is free", arguments: StoredDaemon.Mode.allCases)
  func deleted(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      try damage("s", in: daemon)
      let client = try daemon.client()
      #expect(client.ask("DEL s") == "OK 1")
      #expect(daemon.stored("s") == nil)
      #expect(client.ask("GET s") == "NIL")
      #expect(client.ask("DEL s") == "OK 0")
      #expect(client.version("SET s a 3") != nil)
      #expect(client.ask("GET s a") == "OK 3")
    }
  }

  @Test("is ended by REVOKE, which leaves its mark", arguments: StoredDaemon.Mode.allCases)
  func revoked(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      try damage("s", in: daemon)
      let client = try daemon.client()
      #expect(client.version("SET other a 1") != nil)
      #expect(client.ask("REVOKE other s none") == "OK 2")
      #expect(client.ask("GET s") == "NIL")
      #expect(client.ask("SET s a 3").hasPrefix("ERR revoked"))
      try daemon.flush()
      #expect(daemon.stored("s")?.kind == .mark)
    }
  }

  @Test("does not keep REVOKEALL and FLUSH from the others", arguments: StoredDaemon.Mode.allCases)
  func many(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      try damage("s", in: daemon)
      let client = try daemon.client()
      #expect(client.version("SET other a 1") != nil)
      #expect(client.ask("TAG other t") == "OK 1")
      #expect(client.ask("REVOKEALL t") == "OK 1")
      #expect(client.version("SET third a 1") != nil)
      #expect(client.ask("FLUSH") == "OK 1")
      #expect(client.ask("GET s") == Self.damage)
    }
  }
}
