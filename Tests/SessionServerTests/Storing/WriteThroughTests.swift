import Glibc
import SessionCache
import SessionSegment
import SessionStore
import StoreSupport
import SystemCalls
import TestSupport
import Testing

@testable import SessionServer

@Suite("Writing through to the store")
struct WriteThroughTests {
  static let modes: [StoredDaemon.Mode] = [.through, .shared]

  @Test("shows nothing before the store has it", arguments: modes)
  func commit(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      let (client, other) = (try daemon.client(), try daemon.client())
      #expect(client.version("SET s k 1") != nil)
      #expect(daemon.stored("s") != nil)
      daemon.store.faults.hold([.apply])
      guard case .requestIsParked = client.take("SET s k 2\nGET s k\n".utf8).pause else {
        Issue.record("it is not parked")
        return
      }
      #expect(daemon.store.faults.waitUntilHeld())
      #expect(other.ask("GET s k") == "OK 1")
      daemon.store.faults.release()
      #expect(client.awaitReply().hasSuffix("OK 2\n"))
      #expect(other.ask("GET s k") == "OK 2")
    }
  }

  @Test("commits the changes of many clients together", arguments: modes)
  func groupCommit(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      let clients = try (0..<50).map { _ in try daemon.client() }
      for (number, client) in clients.enumerated() { _ = client.ask("GET s\(number)") }
      daemon.store.faults.hold([.apply])
      let first = try daemon.client()
      _ = first.run("NEW\n".utf8, untilParked: true)
      #expect(daemon.store.faults.waitUntilHeld())
      for (number, client) in clients.enumerated() {
        guard case .requestIsParked = client.take("SET s\(number) k 1\n".utf8).pause else {
          Issue.record("it is not parked")
          return
        }
      }
      // And the one whose commit is under way.
      #expect(try daemon.client().ask("STATS").contains("\"waiting\":51,"))
      daemon.store.faults.release()
      for client in clients { #expect(client.awaitReply().hasPrefix("OK ")) }
      #expect(daemon.store.batches == [1, 50])
    }
  }

  @Test("changes nothing when the commit fails", arguments: modes)
  func failed(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      let client = try daemon.client()
      _ = client.ask("SET s k 1")
      let dump = client.ask("DUMP s")
      for change in [
        "SET s k 2", "MSET s DROP k {}", "INCR s k", "DEL s k", "EXPIRE s 5", "TAG s t", "RENAME s",
        "RENAME s t",
        "REVOKE s", "DEL s",
      ] {
        daemon.store.faults.fail([.apply], with: .unavailable("no space", isDecided: true))
        #expect(client.ask(change) == "ERR unavailable the store is away: no space", "\(change)")
        try daemon.waitUntilBack()
        #expect(client.ask("DUMP s") == dump, "\(change)")
      }
      #expect(client.ask("GET s k") == "OK 1")
      #expect(client.ask("GET t") == "NIL")
    }
  }

  @Test(
    "says that nobody knows where nobody knows, and then tells what the store has", arguments: modes,
    [true, false])
  func undecided(mode: StoredDaemon.Mode, isMade: Bool) async throws {
    try await StoredDaemon.with(mode) { daemon in
      let client = try daemon.client()
      _ = client.ask("SET s n 1")
      daemon.store.faults.fail(
        [.apply], isMade ? .after : .before, with: .unavailable("cut", isDecided: false))
      #expect(
        client.ask("INCR s n")
          == "ERR unavailable the store is away: cut; it is not known whether the change was made")
      try daemon.waitUntilBack()
      #expect(client.ask("GET s n") == (isMade ? "OK 2" : "OK 1"))
      #expect(client.ask("INCR s n") == (isMade ? "OK 3" : "OK 2"))
    }
  }

  @Test("leaves a session under one id only, also if it was used and nobody knows whether it was renamed")
  func undecidedRename() async throws {
    for isMade in [true, false] {
      try await StoredDaemon.with(.through) { daemon in
        let client = try daemon.client()
        _ = client.ask("SET s k 1")
        daemon.advance(seconds: 30)
        try daemon.waitUntilAllSaved()
        // Not long enough for a round to be due.
        daemon.clock.advance(seconds: 0.5)
        #expect(client.ask("GET s k") == "OK 1")
        daemon.markUses()
        #expect(daemon.cache.unsavedCount == 1)
        daemon.store.faults.fail(
          [.apply], isMade ? .after : .before, with: .unavailable("cut", isDecided: false))
        #expect(client.ask("RENAME s t").hasSuffix("it is not known whether the change was made"))
        // Not even until it is saved.
        try daemon.waitUntilBack()
        try daemon.flush()
        let ids = isMade ? ["t", "s"] : ["s", "t"]
        #expect(client.ask("GET \(ids[0]) k") == "OK 1")
        #expect(client.ask("GET \(ids[1])") == "NIL")
        daemon.forgetAll()
        #expect(client.ask("GET \(ids[0]) k") == "OK 1")
        #expect(client.ask("GET \(ids[1])") == "NIL")
      }
    }
  }

  @Test("saves of a session that was used how long it lives, and nothing else")
  func uses() async throws {
    try await StoredDaemon.with(.through) { daemon in
      let client = try daemon.client()
      _ = client.ask("SET s k 1")
      daemon.advance(seconds: 30)
      try daemon.waitUntilAllSaved()
      daemon.clock.advance(seconds: 0.5)
      #expect(client.ask("GET s k") == "OK 1")
      // As if a kill had come between a commit and its publication.
      let record = try #require(daemon.stored("s"))
      var changed = record
      changed.version += 1
      _ = try daemon.store.apply([.save(changed, replacing: nil)], sync: true)
      try daemon.flush()
      #expect(daemon.stored("s") == changed)
      try eventually("it is forgotten") {
        daemon.cache.inspect(Array("s".utf8).span, at: daemon.clock.now) { _, _ in true } == nil
      }
    }
  }

  @Test(
    "believes the store after a kill, however changes are made from then on",
    arguments: [StoredDaemon.Mode.behind, .through], [true, false])
  func kill(next mode: StoredDaemon.Mode, isThere: Bool) async throws {
    let clock = MovedClock()
    let (table, cache) = try await StoredDaemon.with(.through, clock: clock) { daemon in
      let client = try daemon.client()
      _ = client.ask("SET s k 1")
      _ = client.ask("SET u k 1")
      daemon.advance(seconds: 1)
      try daemon.waitUntilAllSaved()
      #expect(daemon.cache.storeLead == .storeHasAll)
      daemon.stop()
      #expect(daemon.cache.storeLead == .memory)
      // As a kill leaves it that comes when a rename was committed, and a use was to be saved.
      daemon.cache.storeLead = .storeHasAll
      clock.advance(seconds: 30)
      #expect(try daemon.cache.touch(Array("s".utf8).span, at: clock.now))
      daemon.markUses()
      var (ending, session) = (try #require(daemon.stored("s")), try #require(daemon.stored("s")))
      ending.kind = .mark
      (ending.tagCount, ending.tagBytes, ending.fieldCount, ending.body) = (0, 0, 0, [])
      session.id = Array("t".utf8)
      let last = daemon.cache.lastVersion
      (ending.version, session.version) = (last + 1, last + 2)
      _ = daemon.store.table.apply([.rename(ending: ending, session: session, replacing: 0)])
      daemon.cache.skipVersions(to: session.version)
      return (daemon.store.table, daemon.cache)
    }
    try await StoredDaemon.with(mode, isThere: isThere, table: table, cache: cache, clock: clock) { daemon in
      let client = try daemon.client()
      if !isThere {
        #expect(client.ask("SET s k 2").hasPrefix("ERR unavailable "))
        daemon.store.faults.mend()
        try daemon.waitUntilBack()
      }
      for _ in 0..<2 {
        #expect(client.ask("GET s k") == "NIL")
        #expect(client.ask("GET t k") == "OK 1")
        #expect(client.ask("GET u k") == "OK 1")
        try daemon.flush()
        daemon.forgetAll()
      }
    }
  }

  @Test("lets changes of one session wait for each other, so that none is lost", arguments: modes)
  func oneSession(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      let clients = try (0..<20).map { _ in try daemon.client() }
      for client in clients { _ = client.take(String(repeating: "INCR s n\n", count: 10).utf8) }
      var sums: [Int] = []
      var waiting = Array(clients.indices)
      // In turns, as a reactor has them.
      for _ in 0..<20_000 where !waiting.isEmpty {
        waiting.removeAll { index in
          let (isDone, reply) = clients[index].goOnIfAnswered()
          sums += reply.split(separator: "\n").compactMap { Int($0.dropFirst(3)) }
          return isDone
        }
      }
      #expect(waiting.isEmpty)
      #expect(sums.sorted() == Array(1...200))
    }
  }

  @Test("is unavailable at once while the store is away", arguments: modes)
  func away(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      let client = try daemon.client()
      _ = client.ask("SET s k 1")
      daemon.store.faults.disconnect(isReachable: false)
      for _ in 0..<5 { #expect(client.ask("SET s k 2").hasPrefix("ERR unavailable the store is away")) }
      #expect(client.ask("GET s k") == "OK 1")
      #expect(client.ask("NEW").hasPrefix("ERR unavailable "))
      daemon.store.faults.mend()
      try daemon.waitUntilBack()
      #expect(client.version("SET s k 2") != nil)
      #expect(client.ask("GET s k") == "OK 2")
    }
  }

  @Test("saves uses, lists and clears away while others commit without a pause", arguments: modes)
  func turns(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      let client = try daemon.client()
      for number in 0..<10 { _ = client.ask("SET s\(number) k 1") }
      daemon.store.faults.slow { call in if call == .apply { usleep(1000) } }
      let (cache, clock, service, isOver) = (daemon.cache, daemon.clock, daemon.service, Guarded(false))
      let threads = try (0..<4).map { number in
        try ServiceThread(name: "writer") {
          guard let writer = try? Dialogue(cache: cache, clock: clock, service: service) else { return }
          for _ in 0..<20_000 where !isOver.withLock({ $0 }) { _ = writer.ask("INCR w\(number) n") }
        }
      }
      defer {
        isOver.withLock { $0 = true }
        for thread in threads { thread.join() }
      }
      daemon.clock.advance(seconds: 100)
      #expect(client.ask("GET s1 k") == "OK 1")
      let end = MovedClock.wallClockAhead + daemon.clock.now + 600_000_000_000
      daemon.advance(seconds: 100)
      try eventually("the use is saved") { daemon.stored("s1")?.deadline == end }
      #expect(client.ask("LIST MATCH s LIMIT 100").split(separator: ",").count == 11)
      try eventually("what is over is cleared away") { daemon.store.faults.count(of: .deleteExpired) > 0 }
    }
  }

  @Test("lets rows outlive their time for longer than uses take to reach them")
  func lateUses() async throws {
    try await StoredDaemon.with(.through) { daemon in
      let client = try daemon.client()
      #expect(client.version("MSET s TTL 10 {\"k\":1}") != nil)
      func isKeptAfterClearing() throws -> Bool {
        let count = daemon.store.faults.count(of: .deleteExpired)
        daemon.advance(seconds: 70)
        try eventually("rows are cleared away") { daemon.store.faults.count(of: .deleteExpired) > count }
        return daemon.stored("s") != nil
      }
      for _ in 0..<4 { #expect(try isKeptAfterClearing()) }
      try eventually("it goes") { try !isKeptAfterClearing() }
    }
  }

  @Test("hears after a kill of what was used before it")
  func usesOverKill() async throws {
    let clock = MovedClock()
    let (table, cache) = try await StoredDaemon.with(.through, clock: clock) { daemon in
      let client = try daemon.client()
      #expect(client.version("SET s k 1") != nil)
      try daemon.waitUntilAllSaved()
      daemon.stop()
      // As a kill leaves it.
      daemon.cache.storeLead = .storeHasAll
      clock.advance(seconds: 590)
      #expect(try daemon.cache.touch(Array("s".utf8).span, at: clock.now))
      return (daemon.store.table, daemon.cache)
    }
    clock.advance(seconds: 20)
    try await StoredDaemon.with(.through, table: table, cache: cache, clock: clock) { daemon in
      #expect(daemon.stored("s")?.deadline == MovedClock.wallClockAhead + clock.now + 580_000_000_000)
      let client = try daemon.client()
      #expect(client.ask("GET s k") == "OK 1")
    }
  }
}
