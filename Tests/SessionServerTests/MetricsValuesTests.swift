import SessionCache
import SessionStore
import StoreSupport
import Synchronization
import TestSupport
import Testing

@testable import SessionServer

@Suite("What METRICS says is what STATS says")
struct MetricsValuesTests {
  private let value = "\"" + String(repeating: "x", count: 4000) + "\""

  @Test("of sessions that ended for room and by their time, of memory, and of connections")
  func evictions() throws {
    let dialogue = try evicting()
    try endSessions(of: dialogue)
    for _ in 0..<5 { try dialogue.ledger.admit(7) }
    #expect(throws: ConnectionLedger.Refusal.user(5)) { try dialogue.ledger.admit(7) }
    dialogue.ledger.leave(7)
    dialogue.ledger.leave(7)
    _ = dialogue.ledger.charge(7, 123)
    let statistics = dialogue.statistics
    for _ in 0..<6 { statistics.count(statistics.dropped) }
    let numbers = try dialogue.numbers([
      ("sessions", "sessions"), ("tagged_pairs", "tagged_pairs"), ("writes_total", "sets"),
      ("sessions_expired_total", "expired"),
      (#"sessions_evicted_total{kind="expired"}"#, "evicted.expired"),
      (#"sessions_evicted_total{kind="untagged"}"#, "evicted.untagged"),
      (#"sessions_evicted_total{kind="tagged"}"#, "evicted.tagged"),
      ("memory_limit_bytes", "memory.limit"), ("memory_reserved_bytes", "memory.reserved"),
      (#"memory_used_bytes{kind="index"}"#, "memory.index"),
      (#"memory_used_bytes{kind="tags"}"#, "memory.tags"),
      (#"memory_used_bytes{kind="events"}"#, "memory.events"),
      (#"memory_used_bytes{kind="buffers"}"#, "memory.buffers"),
      ("connections", "connections.current"), ("connections_accepted_total", "connections.accepted"),
      ("connections_refused_total", "connections.refused"),
      ("connections_dropped_total", "connections.dropped"),
    ])
    for (metric, number) in numbers { #expect(number > 0, "\(metric)") }
    // No two of a kind are alike, or one could stand for the other.
    let ended = ["expired", "untagged", "tagged"].compactMap {
      numbers["sessions_evicted_total{kind=\"\($0)\"}"]
    }
    #expect(Set(ended).count == 3, "\(ended)")
    let evicted = dialogue.cache.statistics.evicted
    #expect(ended == [Double(evicted.expired), Double(evicted.untagged), Double(evicted.tagged)])
    #expect(numbers["sessions_expired_total"] == Double(dialogue.cache.statistics.expired))
    #expect(dialogue.cache.statistics.expired > evicted.expired)
    #expect(numbers["connections"] == 3 && numbers["connections_accepted_total"] == 5)
    #expect(numbers["connections_refused_total"] == 1 && numbers["connections_dropped_total"] == 6)
    let memory = dialogue.cache.statistics
    #expect(numbers[#"memory_used_bytes{kind="tags"}"#] == Double(memory.tagBytes))
    #expect(numbers[#"memory_used_bytes{kind="events"}"#] == Double(memory.eventBytes))
    #expect(memory.tagBytes != memory.eventBytes)
  }

  /// A client of a small cache that evicts.
  private func evicting() throws -> Dialogue {
    let cache = try makeCache(bytes: 2 << 20)
    var settings = cache.settings
    settings.evictsWhenFull = true
    cache.settings = settings
    return try Dialogue(cache: cache)
  }

  /// Ends a few sessions of each kind for room, so that fewest were over and most had a tag, and one by a sweep.
  private func endSessions(of dialogue: Dialogue) throws {
    for index in 0..<30 { #expect(dialogue.version("SET visitor\(index) k \(value)") != nil) }
    for index in 0..<5000 where dialogue.cache.statistics.evicted.tagged < 60 {
      dialogue.clock.advance(seconds: 0.01)
      #expect(dialogue.version("SET user\(index) k \(value)") != nil)
      #expect(dialogue.ask("TAG user\(index) user") == "OK 1")
    }
    for index in 0..<10 {
      #expect(dialogue.version("SET short\(index) k TTL 10 \(value)") != nil)
      #expect(dialogue.ask("TAG short\(index) user") == "OK 1")
    }
    dialogue.clock.advance(seconds: 30)
    // Nobody has swept them.
    for index in 0..<20 { #expect(dialogue.version("SET more\(index) k \(value)") != nil) }
    #expect(dialogue.version("SET last k TTL 10 1") != nil)
    dialogue.clock.advance(seconds: 30)
    _ = dialogue.cache.sweep(at: dialogue.clock.now) { true }
  }

  @Test("of writes that were refused since memory is full")
  func full() throws {
    let dialogue = try Dialogue(cache: makeCache(bytes: 0))
    var written = 0
    while dialogue.version("SET s\(written) k \(value)") != nil, written < 5000 { written += 1 }
    for _ in 0..<2 { #expect(dialogue.ask("SET s\(written) k \(value)").hasPrefix("ERR full ")) }
    let numbers = try dialogue.numbers([("writes_full_total", "full"), ("writes_total", "sets")])
    #expect(numbers == ["writes_full_total": 3, "writes_total": Double(written)])
  }

  private static let storeNumbers: [(metric: String, member: String)] = [
    ("store_unsaved_sessions", "store.unsaved"), ("store_unsaved_sessions_limit", "store.queue"),
    ("store_waiting_requests", "store.waiting"), (#"store_loads_total{result="hit"}"#, "store.loadHits"),
    (#"store_loads_total{result="miss"}"#, "store.loadMisses"), ("store_conflicts_total", "store.conflicts"),
    ("store_failures_total", "store.failures"), ("store_invalidations_total", "store.invalidations"),
    ("store_damaged_total", "store.damaged"),
  ]

  /// What METRICS and STATS say alike of the store, whose state is one of STATS.
  private func expectStore(
    _ client: Dialogue, state: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [String: Double] {
    let values = try client.metrics().values
    let isTold = client.ask("STATS").contains(#","state":"\#(state)","#)
    #expect(isTold, sourceLocation: sourceLocation)
    #expect(values["sessiond_store_up"] == (state == "away" ? 0 : 1), sourceLocation: sourceLocation)
    #expect(
      values["sessiond_store_refusing"] == (state == "refusing" ? 1 : 0), sourceLocation: sourceLocation)
    return try client.numbers(Self.storeNumbers, sourceLocation: sourceLocation)
  }

  @Test("of a store that has not got everything, keeps a request waiting, has damage, and is away")
  func store() async throws {
    try await StoredDaemon.with(queueMost: 1000) { daemon in
      let client = try daemon.client()
      for id in ["damaged", "sound"] { #expect(client.version("SET \(id) k 1") != nil) }
      try daemon.flush()
      daemon.store.table.damage(Array("damaged".utf8))
      daemon.forgetAll()
      #expect(client.ask("GET damaged k").hasPrefix("ERR unavailable "))
      #expect(client.ask("GET sound k") == "OK 1")
      // The clock stands still, and so does what saves them.
      for index in 0..<7 { #expect(client.version("SET s\(index) k 1") != nil) }
      var numbers = try expectStore(client, state: "ok")
      #expect(numbers["store_unsaved_sessions"] == 7 && numbers["store_unsaved_sessions_limit"] == 1000)
      #expect(numbers["store_waiting_requests"] == 0 && numbers["store_failures_total"] == 0)
      #expect(numbers["store_damaged_total"] == 1)
      #expect(numbers[#"store_loads_total{result="hit"}"#] == 1)

      daemon.store.faults.hold([.load])
      let other = try daemon.client()
      guard case .requestIsParked = other.take("GET nobody\n".utf8).pause else {
        Issue.record("it is not parked")
        return
      }
      #expect(daemon.store.faults.waitUntilHeld())
      numbers = try expectStore(client, state: "ok")
      #expect(numbers["store_waiting_requests"] == 1)
      daemon.store.faults.release()
      #expect(other.awaitReply() == "NIL\n")

      daemon.store.faults.disconnect(isReachable: false)
      #expect(client.ask("GET nobody2").hasPrefix("ERR unavailable "))
      numbers = try expectStore(client, state: "away")
      #expect(numbers["store_failures_total"] == 1 && numbers["store_unsaved_sessions"] == 7)
      #expect(numbers["store_waiting_requests"] == 0)
      daemon.store.faults.mend()
      try daemon.waitUntilBack()
      #expect(try client.metrics().values["sessiond_store_up"] == 1)
    }
  }

  @Test("of a shared store that others change as well, and that refuses changes")
  func refusing() async throws {
    try await StoredDaemon.withTwo { daemons, clients in
      #expect(clients[0].ask("INCR s n") == "OK 1")
      #expect(clients[1].ask("GET s n") == "OK 1")
      // Who does not hear of the other's changes meets them when he makes his own.
      for daemon in daemons { daemon.store.tell(nil) }
      for round in 0..<6 { #expect(clients[round % 2].ask("INCR s n") == "OK \(round + 2)") }
      // Who has his reply is counted for a moment still.
      func settle() throws {
        try eventually("nothing waits") { daemons[1].service.withState { $0.waitingCount } == 0 }
      }
      try settle()
      var numbers = try expectStore(clients[1], state: "ok")
      #expect(try #require(numbers["store_conflicts_total"]) > 0)
      #expect(try #require(numbers["store_invalidations_total"]) > 0)
      #expect(numbers["store_failures_total"] == 0)

      daemons[1].store.faults.refuse { _ in "OOM no memory is left" }
      #expect(clients[1].ask("SET t k 1").hasPrefix("ERR unavailable "))
      try settle()
      numbers = try expectStore(clients[1], state: "refusing")
      #expect(numbers["store_failures_total"] == 1)
      daemons[1].store.faults.refuse(nil)
    }
  }
}
