import SessionCache
import SessionStore
import StoreSupport
import Testing

@testable import SessionServer

/// EXPIRE keeps a session's version, so the version does not tell another daemon that there was one.
extension SharedStoreTests {
  @Test(
    "keeps the time to live that one daemon has set, whatever another one does that has not heard of it",
    arguments: ["SET s k 2", "INCR s k", "DEL s j", "TAG s t", "RENAME s r", "REVOKE s"], [5, 2_592_000])
  func timesToLive(request: String, seconds: Int) async throws {
    try await StoredDaemon.withTwo { daemons, clients in
      #expect(clients[0].version("MSET s {\"j\":1,\"k\":1}") != nil)
      #expect(clients[1].ask("GET s k") == "OK 1")
      for daemon in daemons { daemon.store.tell(nil) }
      #expect(clients[0].ask("EXPIRE s \(seconds)") == "OK true")
      #expect(clients[1].ask(request).hasPrefix("OK "))
      let ttl = Int64(seconds) * 1_000_000_000
      // A mark lasts as long as the session could have lived.
      let kind: StoredRecord.Kind = request == "REVOKE s" ? .mark : .session
      let stored = try #require(daemons[0].stored(request == "RENAME s r" ? "r" : "s"))
      #expect(stored.kind == kind)
      #expect(stored.ttl == ttl)
      #expect(stored.deadline == MovedClock.wallClockAhead + daemons[0].clock.now + ttl)
      guard request != "REVOKE s", request != "RENAME s r" else { return }
      #expect(clients[1].ask("INFO s").contains("\"idle\":\(seconds),"))
    }
  }

  @Test("keeps the version over another daemon's EXPIRE, for who says which one he means")
  func versionsBehindExpire() async throws {
    try await StoredDaemon.withTwo { daemons, clients in
      let version = try #require(clients[0].version("SET s k 1"))
      #expect(clients[1].ask("GET s k") == "OK 1")
      for daemon in daemons { daemon.store.tell(nil) }
      #expect(clients[0].ask("EXPIRE s 5") == "OK true")
      // What is to be refused is looked up in the store before, and with it how long the session lives.
      #expect(clients[1].ask("SET s k IF \(version + 7) 2") == "ERR conflict current version \(version)")
      #expect(clients[1].ask("INFO s").contains("\"idle\":5,"))
      #expect(clients[0].ask("EXPIRE s 50") == "OK true")
      #expect(clients[1].version("SET s k IF \(version) 2") != nil)
      #expect(clients[1].ask("INFO s").contains("\"idle\":50,"))
    }
  }

  @Test("does not let a session live on by a use that is told after another daemon has shortened its time")
  func lateUse() async throws {
    try await StoredDaemon.withTwo { daemons, clients in
      let other = daemons[1]
      #expect(clients[1].version("SET s k 1") != nil)
      for daemon in daemons { daemon.store.tell(nil) }
      other.store.faults.hold([.apply])
      other.clock.advance(seconds: 120)
      #expect(clients[1].ask("GET s k") == "OK 1")
      other.markUses()
      other.service.withState { $0.pace.ask() }
      other.service.saver.wake()
      #expect(other.store.faults.waitUntilHeld())
      #expect(clients[0].ask("EXPIRE s 5") == "OK true")
      let end = MovedClock.wallClockAhead + other.clock.now + 5_000_000_000
      other.store.faults.release()
      try eventually("the use is told") { other.cache.unsavedCount == 0 }
      #expect(other.stored("s")?.ttl == 5_000_000_000)
      #expect(other.stored("s")?.deadline == end)
      other.advance(seconds: 6)
      // Memory forgets it a moment after the store has said so.
      try eventually("it has ended") { clients[1].ask("PEEK s") == "NIL" }
      #expect(clients[0].ask("GET s") == "NIL")
    }
  }

  @Test("lets a mark last as long as the daemon wants it that wants it to last longest")
  func marks() async throws {
    try await StoredDaemon.withTwo { daemons, clients in
      let other = daemons[1]
      #expect(clients[0].ask("REVOKE s") == "OK 0")
      for daemon in daemons { daemon.store.tell(nil) }
      other.store.faults.hold([.apply])
      other.clock.advance(seconds: 50)
      _ = clients[1].run("REVOKE s\n".utf8, untilParked: true)
      try eventually("it is put to the store") {
        _ = clients[1].goOnIfAnswered()
        return other.service.withState { $0.committing > 0 }
      }
      // Less than a request waits for its turn.
      other.clock.advance(seconds: 20)
      #expect(clients[0].ask("REVOKE s") == "OK 0")
      let end = MovedClock.wallClockAhead + other.clock.now + 600_000_000_000
      #expect(other.stored("s")?.deadline == end)
      other.store.faults.release()
      #expect(clients[1].awaitReply() == "OK 0\n")
      #expect(other.stored("s")?.deadline == end)
      // Past the end that the other one knows of.
      other.advance(seconds: 590)
      #expect(clients[1].ask("SET s k 1").hasPrefix("ERR revoked "))
    }
  }
}
