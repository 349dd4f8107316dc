import Logging
import SessionCache
import SessionStore
import StoreSupport
import SystemCalls
import TestSupport
import Testing

@testable import SessionServer

@Suite("A store that several daemons share")
struct SharedStoreTests {
  @Test("shows each what the other has changed")
  func changes() async throws {
    try await StoredDaemon.withTwo { _, clients in
      #expect(clients[0].version("SET s k 1") != nil)
      #expect(clients[1].ask("GET s k") == "OK 1")
      let version = try #require(clients[1].version("SET s k 2"))
      #expect(clients[0].ask("GET s k") == "OK 2")
      #expect(clients[0].ask("INFO s").contains("\"version\":\(version),"))
      #expect(clients[0].version("SET s k IF \(version) 3") != nil)
      #expect(clients[1].ask("SET s k IF \(version) 4").hasPrefix("ERR conflict current version "))
      #expect(clients[1].ask("DEL s") == "OK 1")
      #expect(clients[0].ask("GET s") == "NIL")
    }
  }

  @Test("does not refuse for what memory has and the store no longer has")
  func staleRefusals() async throws {
    try await StoredDaemon.withTwo { daemons, clients in
      let first = try #require(clients[0].version("SET s k 1"))
      #expect(clients[1].ask("GET s k") == "OK 1")
      #expect(clients[1].ask("GET t") == "NIL")
      // What is told to nobody.
      daemons[1].store.tell(nil)
      let second = try #require(clients[0].version("SET s k 2"))
      _ = clients[0].ask("SET t k 1")
      #expect(clients[1].ask("GET s k") == "OK 1")
      #expect(clients[1].version("SET s k IF \(second) 3") != nil)
      #expect(clients[1].ask("SET s k IF \(first) 4").hasPrefix("ERR conflict current version "))
      #expect(clients[1].ask("DEL t") == "OK 1")
      #expect(clients[0].ask("SET u k 1").hasPrefix("OK "))
      #expect(clients[1].ask("INCR u k") == "OK 2")
    }
  }

  @Test("makes a change again when the other was faster")
  func conflicts() async throws {
    try await StoredDaemon.withTwo { daemons, clients in
      _ = clients[0].ask("SET s n 0")
      #expect(clients[1].ask("GET s n") == "OK 0")
      for daemon in daemons { daemon.store.tell(nil) }
      for round in 0..<100 {
        #expect(clients[round % 2].ask("INCR s n") == "OK \(round + 1)")
      }
      #expect(
        clients[0].ask("STATS").contains("\"conflicts\":5")
          || clients[0].ask("STATS").contains("\"conflicts\":4"))
    }
  }

  @Test("lets tags, REVOKE, REVOKEALL and RENAME reach across daemons")
  func logOut() async throws {
    try await StoredDaemon.withTwo { _, clients in
      for number in 0..<10 {
        _ = clients[number % 2].ask("SET s\(number) k 1")
        _ = clients[number % 2].ask("TAG s\(number) user:1")
      }
      #expect(clients[0].ask("TAGGED user:1 LIMIT 1000").split(separator: ",").count == 10)
      #expect(clients[1].ask("RENAME s0 t0 GRACE 30") == "OK \"t0\"")
      #expect(clients[0].ask("GET s0 k") == "OK 1")
      #expect(clients[0].ask("SET s0 k 2").hasPrefix("ERR revoked "))
      #expect(clients[0].ask("REVOKE s1 s2") == "OK 2")
      #expect(clients[1].ask("SET s2 k 1").hasPrefix("ERR revoked "))
      #expect(clients[1].ask("REVOKEALL user:1") == "OK 8")
      for number in 0..<10 { #expect(clients[0].ask("GET s\(number)") == "NIL") }
      #expect(clients[0].ask("GET t0") == "NIL")
      #expect(clients[0].ask("TAGGED user:1") == "OK []")
    }
  }

  @Test("relies on nothing that it had before it lost the store")
  func lost() async throws {
    try await StoredDaemon.withTwo { daemons, clients in
      _ = clients[0].ask("SET s k 1")
      #expect(clients[1].ask("GET s k") == "OK 1")
      daemons[1].store.tell(nil)
      daemons[1].store.faults.disconnect()
      _ = clients[0].ask("SET s k 2")
      daemons[1].service.lost("the channel is broken")
      // In memory still; what is not there is not to be had.
      #expect(clients[1].ask("GET s k") == "OK 1")
      daemons[1].advance(seconds: 10)
      try eventually("it is there again") { clients[1].ask("GET none") == "NIL" }
      #expect(clients[1].ask("GET s k") == "OK 2")
    }
  }

  @Test(
    "is given the sessions that were in memory before it, but for those that it has, before it is asked for anything",
    arguments: [true, false])
  func upload(isThere: Bool) async throws {
    let clock = MovedClock()
    let clockOfStore = clock.clock
    let table = MemoryTable(isShared: true, now: { clockOfStore.wallClock() })
    try await StoredDaemon.with(.shared, table: table, clock: clock) { daemon in
      let client = try daemon.client()
      #expect(client.version("SET s7 k 2") != nil)
    }
    let ids = (0..<300).map { "s\($0)" }
    try await StoredDaemon.with(
      .shared, isThere: isThere, table: table, clock: clock, sessionsBefore: ids
    ) { daemon in
      daemon.store.faults.mend()
      try daemon.waitUntilBack()
      let client = try daemon.client()
      for id in ids { #expect(client.ask("GET \(id) k") == (id == "s7" ? "OK 2" : "OK 1")) }
      #expect(daemon.cache.storeID == table.id)
      #expect(client.version("SET s8 k 3") != nil)
    }
  }

  @Test("lets nobody back in who was logged out, whoever is first to give a store back what it lost")
  func uploadOfMarks() async throws {
    try await StoredDaemon.withTwo { daemons, clients in
      for id in ["s", "t", "u"] {
        _ = clients[0].ask("SET \(id) k 1")
        #expect(clients[1].ask("GET \(id) k") == "OK 1")
      }
      // What is told to nobody: the one has not heard of it as the store loses all.
      for daemon in daemons { daemon.store.tell(nil) }
      #expect(clients[1].ask("REVOKE s") == "OK 1")
      #expect(clients[1].ask("RENAME t v GRACE 30") == "OK \"v\"")
      for id in ["s", "t", "u", "v"] {
        _ = try daemons[0].store.apply([.remove(Array(id.utf8), replacing: nil)], sync: true)
      }
      for daemon in daemons {
        daemon.cache.storeID = 999
        daemon.service.lost("it is cut off")
        try daemon.waitUntilBack()
      }
      for client in clients {
        #expect(client.ask("GET s") == "NIL")
        #expect(client.ask("SET s k 1").hasPrefix("ERR revoked "))
        #expect(client.ask("GET t k") == "OK 1")
        #expect(client.ask("SET t k 1").hasPrefix("ERR revoked "))
        #expect(client.ask("GET v k") == "OK 1")
        #expect(client.ask("GET u k") == "OK 1")
      }
    }
  }

  @Test("says how the server is set up once, and again when that has changed")
  func remark() async throws {
    try await StoredDaemon.withTwo { daemons, _ in
      let daemon = daemons[0]
      for (remark, count) in [("it forgets", 1), ("it forgets", 1), ("it is small", 2)] {
        daemon.store.faults.remark = remark
        daemon.service.lost("it is cut off")
        try daemon.waitUntilBack()
        #expect(daemon.log.messages(from: .warning).count { $0.hasPrefix("it ") } == count)
      }
    }
  }

  @Test("keeps a session alive that is used through one daemon only")
  func uses() async throws {
    try await StoredDaemon.withTwo { daemons, clients in
      _ = clients[0].ask("SET s k 1")
      #expect(clients[1].ask("GET s k") == "OK 1")
      for _ in 0..<20 {
        for daemon in daemons { daemon.clock.advance(seconds: 120) }
        #expect(clients[0].ask("GET s k") == "OK 1")
        let end = MovedClock.wallClockAhead + daemons[0].clock.now + 600_000_000_000
        try eventually("the use is told") {
          daemons[0].advance(seconds: 1)
          return daemons[0].stored("s").map { $0.deadline >= end } ?? false
        }
      }
      #expect(clients[1].ask("GET s k") == "OK 1")
    }
  }

  @Test("hears of the uses of a short session in time, however seldom it is used")
  func usesOfShortSessions() async throws {
    try await StoredDaemon.withTwo { daemons, clients in
      _ = clients[0].ask("MSET s TTL 2 {\"k\":1}")
      for _ in 0..<20 {
        // Searches that find nothing.
        for _ in 0..<5 { daemons[0].advance(seconds: 0.26) }
        #expect(clients[0].ask("GET s k") == "OK 1")
        let end = MovedClock.wallClockAhead + daemons[0].clock.now + 2_000_000_000
        daemons[0].advance(seconds: 0.26)
        try eventually("the use is told") {
          // Later only where the search was held up.
          daemons[0].advance(seconds: 0.002)
          return daemons[0].stored("s").map { $0.deadline >= end } ?? false
        }
        // A use there would be told from there, and forgets the one here.
        #expect(clients[1].ask("PEEK s k") == "OK 1")
      }
    }
  }

  @Test("leaves in memory what it can't ask the store about while that is away")
  func refusedWhileAway() async throws {
    try await StoredDaemon.withTwo { daemons, clients in
      let version = try #require(clients[0].version("SET s k 1"))
      daemons[0].store.faults.disconnect(isReachable: false)
      for request in ["SET s k IF \(version + 7) 2", "UNTAG s t", "REVOKE s", "DEL s x"] {
        #expect(clients[0].ask(request).hasPrefix("ERR unavailable "), "\(request)")
        #expect(clients[0].ask("PEEK s k") == "OK 1", "\(request)")
      }
    }
  }

  @Test("says at once why nothing can be begun that rests on nothing")
  func refusedCreation() async throws {
    try await StoredDaemon.withTwo { _, clients in
      let members = (0...10_000).map { "\"\($0)\":1" }.joined(separator: ",")
      #expect(clients[0].ask("NEW {\(members)}").hasPrefix("ERR too-large "))
    }
  }
}
