import SessionCache
import SessionSegment
import SessionStore
import StoreSupport
import SystemCalls
import Testing

@testable import SessionServer

@Suite("Writing behind")
struct WriteBehindTests {
  @Test("saves many changes of one session once")
  func coalescing() async throws {
    try await StoredDaemon.with { daemon in
      let client = try daemon.client()
      for number in 1...500 { #expect(client.ask("INCR s n") == "OK \(number)") }
      for number in 0..<20 { _ = client.ask("SET s\(number) k 1") }
      try daemon.flush()
      #expect(daemon.store.batches.reduce(0, +) <= 42)
      let record = try #require(daemon.stored("s"))
      #expect(String(decoding: record.body, as: UTF8.self).hasSuffix("n500"))
      #expect(client.ask("STATS").contains("\"unsaved\":0,"))
    }
  }

  @Test("saves within the time that was set, and what was removed as well")
  func interval() async throws {
    try await StoredDaemon.with { daemon in
      let client = try daemon.client()
      _ = client.ask("SET s k 1")
      daemon.advance(seconds: 1)
      try eventually("it is saved") { daemon.stored("s") != nil }
      #expect(client.ask("DEL s") == "OK 1")
      #expect(client.ask("GET s") == "NIL")
      daemon.advance(seconds: 1)
      try eventually("it is removed") { daemon.stored("s") == nil }
      try daemon.flush()
      daemon.forgetAll()
      #expect(client.ask("GET s") == "NIL")
    }
  }

  @Test("saves before that time when an eighth of what may wait is unsaved, and not before that")
  func early() async throws {
    try await StoredDaemon.with(queueMost: 800) { daemon in
      let client = try daemon.client()
      for number in 0..<200 { #expect(client.ask("GET s\(number)") == "NIL") }
      for number in 0..<99 { _ = client.ask("SET s\(number) k 1") }
      daemon.service.saver.wake()
      #expect(daemon.cache.unsavedCount == 99)
      #expect(daemon.store.faults.count(of: .apply) == 0)
      // The clock stands still.
      for number in 99..<200 { _ = client.ask("SET s\(number) k 1") }
      try eventually("it is saved") { daemon.stored("s98") != nil }
      // And again, after that round.
      try eventually("the rest is saved, or too little to begin early") { daemon.cache.unsavedCount < 100 }
    }
  }

  @Test("keeps a change that comes while the one before is being saved")
  func changeDuringSave() async throws {
    try await StoredDaemon.with { daemon in
      let client = try daemon.client()
      _ = client.ask("SET s k 1")
      daemon.store.faults.hold([.apply])
      daemon.advance(seconds: 1)
      #expect(daemon.store.faults.waitUntilHeld())
      _ = client.ask("SET s k 2")
      daemon.store.faults.release()
      try eventually("the first is saved") { daemon.stored("s") != nil }
      try daemon.flush()
      daemon.forgetAll()
      #expect(client.ask("GET s k") == "OK 2")
    }
  }

  @Test("lets changes wait past the bound of the queue, and go on in order")
  func backpressure() async throws {
    try await StoredDaemon.with(queueMost: 100) { daemon in
      let client = try daemon.client()
      // Known not to be there, so that nothing has to be loaded.
      for number in 0..<400 { #expect(client.ask("GET s\(number)") == "NIL") }
      daemon.store.faults.hold([.apply])
      let requests = (0..<400).map { "SET s\($0) k \($0)\n" }.joined()
      let step = client.run(requests.utf8, untilParked: true)
      guard case .requestIsParked = step.pause else {
        Issue.record("it is not parked: \(step.pause)")
        return
      }
      #expect(daemon.cache.unsavedCount <= 100 + 32)
      // Reads go on, and uses.
      let reader = try daemon.client()
      #expect(reader.ask("GET s1 k") == "OK 1")
      #expect(reader.ask("STATS").contains("\"queue\":100,\"waiting\":1,"))
      let second = try daemon.client()
      _ = second.run((0..<40).map { "SET s\($0) l 1\n" }.joined().utf8, untilParked: true)
      #expect(reader.ask("STATS").contains("\"queue\":100,\"waiting\":2,"))
      daemon.store.faults.release()
      _ = second.goOnUntilDone()
      let rest = client.goOnUntilDone()
      let lines = (step.reply + rest).split(separator: "\n")
      #expect(lines.count == 400)
      #expect(lines.allSatisfy { $0.hasPrefix("OK ") })
      try daemon.flush()
      daemon.forgetAll()
      for number in stride(from: 0, to: 400, by: 7) {
        #expect(client.ask("GET s\(number) k") == "OK \(number)")
      }
    }
  }

  @Test("leaves half of the queue to changes where very many sessions were used")
  func manyUses() async throws {
    try await StoredDaemon.with(queueMost: 1000) { daemon in
      let client = try daemon.client()
      for number in 0..<3000 {
        _ = client.ask("SET s\(number) k 1")
        if number % 400 == 399 { try daemon.flush() }
      }
      try daemon.flush()
      daemon.clock.advance(seconds: 30)
      for number in 0..<3000 { #expect(client.ask("GET s\(number) k") == "OK 1") }
      let end = MovedClock.wallClockAhead + daemon.clock.now + 600_000_000_000
      daemon.store.faults.hold([.apply])
      daemon.advance(seconds: 31)
      #expect(daemon.store.faults.waitUntilHeld())
      // No more than a page of the index above the half.
      #expect((500..<840).contains(daemon.cache.unsavedCount), "\(daemon.cache.unsavedCount)")
      for number in 0..<40 { #expect(client.version("SET new\(number) k 1") != nil) }
      daemon.store.faults.release()
      try eventually("all uses are saved") {
        (0..<3000).allSatisfy { daemon.stored("s\($0)")?.deadline == end }
      }
    }
  }

  @Test("saves uses also where the queue is always full")
  func usesBesideChanges() async throws {
    try await StoredDaemon.with(queueMost: 2) { daemon in
      let client = try daemon.client()
      for number in 0..<40 { #expect(client.version("SET s\(number) k 1") != nil) }
      try daemon.flush()
      daemon.clock.advance(seconds: 30)
      for number in 0..<40 { #expect(client.ask("GET s\(number) k") == "OK 1") }
      let end = MovedClock.wallClockAhead + daemon.clock.now + 600_000_000_000
      // Something is changed amid each round.
      let (cache, clock) = (daemon.cache, daemon.clock)
      daemon.store.faults.slow { call in
        guard call == .apply else { return }
        var edits = FieldEdits(seed: cache.hashSeed)
        let (name, line) = (Array("busy".utf8), Array("k1".utf8))
        edits.add(key: 0..<1, value: 1..<2, in: line.span)
        for id in [name, name + name] {
          _ = try? cache.write(id.span, &edits, of: line.span, .init(assumesAbsent: true), at: clock.now)
        }
      }
      try eventually("all uses are saved") {
        daemon.advance(seconds: 1)
        return (0..<40).allSatisfy { (daemon.stored("s\($0)")?.deadline ?? 0) >= end }
      }
    }
  }

  @Test("takes changes while the store is away, to the bound of the queue, and loses and doubles none")
  func away() async throws {
    try await StoredDaemon.with(queueMost: 100) { daemon in
      let client = try daemon.client()
      for number in 0..<60 { _ = client.ask("SET s\(number) n 0") }
      try daemon.flush()
      daemon.store.faults.disconnect(isReachable: false)
      var done = 0
      var refused = 0
      for _ in 0..<3 {
        for number in 0..<60 {
          let reply = client.ask("INCR s\(number) n")
          if reply.hasPrefix("OK ") { done += 1 } else { refused += 1 }
        }
        daemon.advance(seconds: 1)
      }
      #expect(done == 180)
      #expect(refused == 0)
      for number in 60..<300 where client.ask("NEW {\"n\":\(number)}").hasPrefix("ERR unavailable ") {
        refused += 1
      }
      #expect(refused > 0)
      daemon.store.faults.mend()
      daemon.advance(seconds: 10)
      try daemon.flush()
      daemon.forgetAll()
      for number in 0..<60 { #expect(client.ask("GET s\(number) n") == "OK 3") }
    }
  }

  @Test("is full of what is not saved for no longer than it takes to save it")
  func fullOfUnsaved() async throws {
    try await StoredDaemon.with(bytes: 0, clock: MovedClock(step: 5_000_000)) { daemon in
      let client = try daemon.client()
      let value = "\"" + String(repeating: "x", count: 4000) + "\""
      for number in 0..<2000 { #expect(client.version("SET s\(number) k \(value)") != nil, "\(number)") }
      for number in stride(from: 0, to: 2000, by: 131) {
        let isThere = client.ask("GET s\(number) k") == "OK \(value)"
        #expect(isThere)
      }
    }
  }

  @Test("saves the session under its new id before the mark under the old one")
  func rename() async throws {
    try await StoredDaemon.with { daemon in
      let client = try daemon.client()
      for number in 0..<50 { _ = client.ask("SET a\(number) k \(number)") }
      try daemon.flush()
      for number in 0..<50 {
        #expect(client.ask("RENAME a\(number) b\(number) GRACE 5") == "OK \"b\(number)\"")
      }
      // Fails between the sessions and the marks.
      daemon.store.faults.hold([.apply], .after)
      daemon.advance(seconds: 1)
      #expect(daemon.store.faults.waitUntilHeld())
      for number in 0..<50 {
        #expect(daemon.stored("b\(number)")?.kind == .session)
        #expect(daemon.stored("a\(number)")?.kind == .session)
      }
      daemon.store.faults.release()
      try daemon.flush()
      for number in 0..<50 { #expect(daemon.stored("a\(number)")?.kind == .alias) }
      daemon.forgetAll()
      #expect(client.ask("GET a7 k") == "OK 7")
      #expect(client.ask("SET a8 k 1").hasPrefix("ERR revoked "))
    }
  }

  @Test("saves no mark before its session, however renames come while it saves")
  func renames() async throws {
    try await StoredDaemon.with { daemon in
      let client = try daemon.client()
      for number in 0..<300 { _ = client.ask("SET a\(number) k \(number)") }
      try daemon.flush()
      let alone = Guarded<Set<String>>([])
      let table = daemon.store.table
      daemon.store.faults.slow { call in
        guard call == .apply else { return }
        let records = table.records
        for (id, record) in records where record.kind == .alias {
          let new = "b" + String(decoding: id.dropFirst(), as: UTF8.self)
          if records[Array(new.utf8)]?.kind != .session { alone.withLock { _ = $0.insert(new) } }
        }
      }
      for number in 0..<300 {
        #expect(client.ask("RENAME a\(number) b\(number) GRACE 300") == "OK \"b\(number)\"")
        if number % 10 == 0 { daemon.advance(seconds: 1) }
      }
      try daemon.flush()
      daemon.store.faults.slow(nil)
      #expect(alone.withLock { $0 } == [])
      for number in 0..<300 {
        #expect(daemon.stored("a\(number)")?.kind == .alias)
        #expect(daemon.stored("b\(number)")?.kind == .session)
      }
    }
  }

  @Test("stops at once while the store is still being opened, and leaves in memory what is unsaved")
  func stopWhileOpening() async throws {
    try await StoredDaemon.with(sessionsBefore: ["s"], isOpened: false) { daemon in
      #expect(daemon.store.faults.waitUntilHeld())
      var slices = 0
      #expect(daemon.service.stop { slices += 1 } == 1)
      // A slice is a tenth of a second; nothing can be saved however many there are.
      #expect(slices < 100)
      daemon.isStopped = true
      daemon.store.faults.release()
    }
  }

  @Test("saves everything at a stop, and uses as well")
  func stop() async throws {
    let table = try await StoredDaemon.with { daemon in
      let client = try daemon.client()
      _ = client.ask("SET s k 1 ")
      try daemon.flush()
      daemon.advance(seconds: 300)
      #expect(client.ask("GET s k") == "OK 1")
      _ = client.ask("SET t k 1")
      daemon.stop()
      let end = MovedClock.wallClockAhead + daemon.clock.now + 600_000_000_000
      #expect(daemon.stored("s")?.deadline == end)
      #expect(daemon.stored("t") != nil)
      return daemon.store.table
    }
    try await StoredDaemon.with(table: table) { daemon in
      let client = try daemon.client()
      #expect(client.ask("GET s k") == "OK 1")
    }
  }
}
