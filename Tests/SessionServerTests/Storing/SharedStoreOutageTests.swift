import Logging
import SessionCache
import SessionStore
import StoreSupport
import TestSupport
import Testing

@testable import SessionServer

@Suite("A shared store that is away for a while, or takes nothing")
struct SharedStoreOutageTests {
  @Test("tells once that a server which is there takes no changes, and once that it does again")
  func refusing() async throws {
    try await StoredDaemon.withTwo { daemons, clients in
      let (daemon, client) = (daemons[0], clients[0])
      func refused() -> Bool {
        daemon.store.faults.fail([.apply], with: .unavailable("OOM no memory is left", isDecided: true))
        return client.ask("SET s k 1").hasPrefix("ERR unavailable ")
      }
      for round in 1...2 {
        // At the bound of its memory it takes one and refuses the next.
        for _ in 0..<3 {
          #expect(refused())
          #expect(client.version("SET t k 1") != nil)
          #expect(daemon.service.statusText == "the store takes no changes: OOM no memory is left")
          let state = #""state":"refusing","reason":"OOM no memory is left","since":"#
          #expect(client.ask("STATS").contains(state))
          daemon.advance(seconds: 1)
        }
        daemon.advance(seconds: 4)
        // To let a session go needs no room.
        #expect(client.version("REVOKE u") != nil)
        #expect(client.ask("STATS").contains(#""state":"refusing""#))
        #expect(client.version("SET t k 1") != nil)
        #expect(daemon.service.statusText == nil)
        #expect(client.ask("STATS").contains(#""state":"ok""#))
        let log = daemon.log.messages(from: .notice)
        #expect(log.count { $0.contains("the store takes no changes: OOM") } == round)
        #expect(log.count { $0.contains("the store takes changes again") } == round)
      }
      #expect(!daemon.log.messages(from: .warning).contains { $0.contains("is away") })
    }
  }

  @Test("serves what it has of a store that is away for as long as it may, and no longer")
  func stale() async throws {
    try await StoredDaemon.withTwo { daemons, clients in
      let (daemon, client) = (daemons[0], clients[0])
      daemon.service.setTerms(StoreTerms(staleFor: 30_000_000_000))
      #expect(client.version("SET s k 1") != nil)
      for _ in 0..<2 {
        daemon.store.faults.disconnect(isReachable: false)
        daemon.service.lost("it is silent")
        daemon.advance(seconds: 29)
        #expect(client.ask("GET s k") == "OK 1")
        daemon.advance(seconds: 1)
        try eventually("it is forgotten") { client.ask("GET s k").hasPrefix("ERR unavailable ") }
        daemon.advance(seconds: 60)
        daemon.store.faults.mend()
        try daemon.waitUntilBack()
        #expect(client.ask("GET s k") == "OK 1")
      }
      let warnings = daemon.log.messages(from: .warning)
      #expect(warnings.count { $0.contains("is forgotten") } == 2)
      #expect(warnings.count { $0.contains("the store is away: ") } == 2)
    }
  }

  @Test("keeps sessions of the time before the store, however long that is away")
  func notStale() async throws {
    try await StoredDaemon.with(.shared, isThere: false, sessionsBefore: ["s"]) { daemon in
      daemon.service.setTerms(StoreTerms(staleFor: 30_000_000_000))
      for _ in 0..<10 {
        daemon.advance(seconds: 10)
        try eventually("it is tried") { daemon.service.withState { !$0.isOpening } }
      }
      daemon.store.faults.mend()
      try daemon.waitUntilBack()
      let client = try daemon.client()
      #expect(client.ask("GET s k") == "OK 1")
      #expect(daemon.log.messages(from: .warning).count { $0.contains("is forgotten") } == 0)
    }
  }

  @Test("hears of what was used while it was away before memory forgets it")
  func uses() async throws {
    try await StoredDaemon.withTwo { daemons, clients in
      #expect(clients[0].version("SET s k 1") != nil)
      #expect(clients[0].version("SET t k 1") != nil)
      daemons[0].store.faults.disconnect(isReachable: false)
      daemons[0].service.lost("it is silent")
      daemons[0].advance(seconds: 590)
      #expect(clients[0].ask("GET s k") == "OK 1")
      // Past the end of which the store has heard.
      daemons[0].advance(seconds: 20)
      #expect(clients[0].ask("GET t") != "OK {\"k\":1}")
      daemons[0].store.faults.mend()
      try daemons[0].waitUntilBack()
      for client in clients {
        #expect(client.ask("GET s k") == "OK 1")
        #expect(client.ask("GET t") == "NIL")
      }
    }
  }

  @Test("takes changes again once uses are saved, where there are no changes")
  func usesEndRefusal() async throws {
    try await StoredDaemon.withTwo { daemons, clients in
      #expect(clients[0].version("SET s k 1") != nil)
      daemons[0].store.faults.fail([.apply], with: .unavailable("OOM", isDecided: true))
      #expect(clients[0].ask("SET s k 2").hasPrefix("ERR unavailable "))
      #expect(daemons[0].service.statusText != nil)
      try eventually("a use is saved") {
        daemons[0].advance(seconds: 1)
        #expect(clients[0].ask("GET s k") == "OK 1")
        return daemons[0].service.statusText == nil
      }
    }
  }

  @Test("gets what nobody else has, whatever else it tells before")
  func missedBeforeUpload() async throws {
    try await StoredDaemon.with(.shared, isThere: false, sessionsBefore: ["s"]) { daemon in
      daemon.store.faults.fail([.apply], with: .unavailable("OOM", isDecided: true), times: nil)
      daemon.store.faults.mend()
      daemon.store.faults.fail([.apply], with: .unavailable("OOM", isDecided: true), times: nil)
      let calls = daemon.store.faults.count(of: .apply)
      try eventually("it is tried to put them there") {
        daemon.advance(seconds: 1)
        return daemon.store.faults.count(of: .apply) > calls
      }
      daemon.service.missedChanges()
      try eventually("it is tried again") {
        daemon.advance(seconds: 1)
        return daemon.store.faults.count(of: .apply) > calls + 3
      }
      daemon.store.faults.mend()
      try daemon.waitUntilBack()
      #expect(try daemon.client().ask("GET s k") == "OK 1")
      #expect(daemon.stored("s") != nil)
    }
  }

  @Test("forgets what may be old, and not what was used meanwhile")
  func missed() async throws {
    try await StoredDaemon.withTwo { daemons, clients in
      #expect(clients[0].version("SET s k 1") != nil)
      #expect(clients[0].version("SET t k 1") != nil)
      daemons[0].clock.advance(seconds: 30)
      #expect(clients[0].ask("GET s k") == "OK 1")
      let end = MovedClock.wallClockAhead + daemons[0].clock.now + 600_000_000_000
      daemons[0].service.missedChanges()
      try eventually("the use is told") { daemons[0].stored("s")?.deadline == end }
      // Else the next change may come before it.
      try eventually("all is forgotten") { !daemons[0].service.withState { $0.mustForgetAll } }
      for fails in [false, true] {
        if fails {
          // As an emptied server answers.
          daemons[0].store.faults.fail([.apply], with: .unavailable("GONE", isDecided: true), times: nil)
        }
        daemons[0].store.tell(nil)
        #expect(clients[0].ask("GET t k") == (fails ? "OK 2" : "OK 1"))
        #expect(clients[1].version("SET t k \(fails ? 3 : 2)") != nil)
        #expect(clients[0].ask("GET t k") == (fails ? "OK 2" : "OK 1"))
        daemons[0].service.missedChanges()
        try eventually("it is forgotten") { clients[0].ask("GET t k") == (fails ? "OK 3" : "OK 2") }
      }
    }
  }

  @Test("is told of uses only for as long as a start may take")
  func tellingIsBounded() async throws {
    try await StoredDaemon.with(.shared) { daemon in
      let client = try daemon.client()
      for number in 0..<2500 { #expect(client.version("SET s\(number) k 1") != nil) }
      daemon.clock.advance(seconds: 10)
      for number in 0..<2500 { #expect(client.ask("GET s\(number) k") == "OK 1") }
      daemon.store.faults.disconnect(isReachable: false)
      daemon.service.lost("it is silent")
      daemon.store.faults.mend()
      let facts = try daemon.store.open()
      daemon.store.faults.fail([.open], with: .unavailable("it is cut off", isDecided: true), times: nil)
      let (calls, clock) = (daemon.store.faults.count(of: .apply), daemon.clock)
      daemon.store.faults.slow { if $0 == .apply { clock.advance(seconds: 3) } }
      try daemon.service.tellUses(facts, until: clock.now + 5_000_000_000)
      daemon.store.faults.slow(nil)
      #expect(daemon.store.faults.count(of: .apply) == calls + 2)
    }
  }

  @Test("is there again although it takes no uses")
  func full() async throws {
    try await StoredDaemon.withTwo { daemons, clients in
      #expect(clients[0].version("SET s k 1") != nil)
      daemons[0].advance(seconds: 1)
      #expect(clients[0].ask("GET s k") == "OK 1")
      daemons[0].store.faults.fail([.apply], with: .unavailable("OOM", isDecided: true), times: nil)
      daemons[0].service.lost("it is cut off")
      try daemons[0].waitUntilBack()
      #expect(clients[0].ask("GET s k") == "OK 1")
      #expect(clients[0].ask("SET s k 2") == "ERR unavailable the store is away: OOM")
    }
  }

  @Test("hears of it from the next daemon, too, and of no use of what was changed or ended meanwhile")
  func usesOverRestart() async throws {
    let clock = MovedClock()
    let (table, cache) = try await StoredDaemon.with(.shared, clock: clock) { daemon in
      let client = try daemon.client()
      for id in ["s", "t", "u"] { #expect(client.version("SET \(id) k 1") != nil) }
      daemon.store.faults.disconnect(isReachable: false)
      daemon.service.lost("it is silent")
      daemon.advance(seconds: 590)
      for id in ["s", "t", "u"] { #expect(client.ask("GET \(id) k") == "OK 1") }
      daemon.stop()
      return (daemon.store.table, daemon.cache)
    }
    try await StoredDaemon.with(.shared, table: table, clock: clock) { daemon in
      let client = try daemon.client()
      #expect(client.version("SET t k 2 ") != nil)
      #expect(client.ask("REVOKE u") == "OK 1")
    }
    clock.advance(seconds: 20)
    try await StoredDaemon.with(.shared, table: table, cache: cache, clock: clock) { daemon in
      let client = try daemon.client()
      #expect(client.ask("GET s k") == "OK 1")
      #expect(client.ask("GET t k") == "OK 2")
      #expect(client.ask("GET u k") == "NIL")
    }
  }

  @Test("is not seen for longer than it may be over a restart as well")
  func staleOverRestart() async throws {
    let clock = MovedClock()
    let (table, cache) = try await StoredDaemon.with(.shared, clock: clock) { daemon in
      let client = try daemon.client()
      #expect(client.version("SET s k 1") != nil)
      daemon.advance(seconds: 1)
      try eventually("it is noted that the store is there") { daemon.cache.storeSeen == clock.now }
      daemon.stop()
      return (daemon.store.table, daemon.cache)
    }
    clock.advance(seconds: 20)
    try await StoredDaemon.with(.shared, isThere: false, table: table, cache: cache, clock: clock) { daemon in
      daemon.service.setTerms(StoreTerms(staleFor: 30_000_000_000))
      let client = try daemon.client()
      #expect(client.ask("GET s k") == "OK 1")
      daemon.advance(seconds: 10)
      try eventually("it is forgotten") { client.ask("GET s k").hasPrefix("ERR unavailable ") }
      daemon.store.faults.mend()
      try daemon.waitUntilBack()
      #expect(client.ask("GET s k") == "OK 1")
    }
  }
}
