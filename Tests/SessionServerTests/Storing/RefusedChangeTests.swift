import Glibc
import Logging
import SessionCache
import SessionStore
import StoreSupport
import SystemCalls
import Testing

@testable import SessionServer

@Suite("A shared store that is there and refuses some changes")
struct RefusedChangeTests {
  private static let reason = "OOM no memory is left"
  private static let refusal = "ERR unavailable the store is away: \(reason)"

  /// Lets the store refuse whatever would need more memory for some ids.
  private func fill(_ store: MemoryStore, for ids: Set<String>) {
    store.faults.refuse { change in
      if case .remove = change { return nil }
      return ids.contains(String(decoding: change.id, as: UTF8.self)) ? Self.reason : nil
    }
  }

  /// It is told that the store takes no changes, once, and never that it is away.
  private func expectRefusing(_ daemon: StoredDaemon, _ client: Dialogue) {
    #expect(daemon.service.statusText == "the store takes no changes: \(Self.reason)")
    #expect(client.ask("STATS").contains(#""state":"refusing","reason":"\#(Self.reason)","#))
    let warnings = daemon.log.messages(from: .warning)
    #expect(warnings.count { $0.contains("the store takes no changes") } == 1)
    #expect(!warnings.contains { $0.contains("is away") })
  }

  @Test("makes the others of one commit, and nothing is doubted or forgotten of those that it refused")
  func groupCommit() async throws {
    try await StoredDaemon.with(.shared) { daemon in
      let client = try daemon.client()
      for id in ["a", "b", "c", "d"] { #expect(client.version("SET \(id) k 1") != nil) }
      #expect(client.ask("GET e") == "NIL")
      let loads = daemon.store.faults.count(of: .load)
      fill(daemon.store, for: ["b", "d"])
      daemon.store.faults.hold([.apply])
      // The others come together behind this one.
      let clients = try (0..<4).map { _ in try daemon.client() }
      for (index, request) in ["SET c k 2", "DEL a", "SET b k 2", "RENAME d e"].enumerated() {
        guard case .requestIsParked = clients[index].take("\(request)\n".utf8).pause else {
          Issue.record("\(request) is not parked")
          return
        }
        if index == 0 { #expect(daemon.store.faults.waitUntilHeld()) }
      }
      daemon.store.faults.release()
      #expect(clients[0].awaitReply().hasPrefix("OK "))
      #expect(clients[1].awaitReply() == "OK 1\n")
      #expect(clients[2].awaitReply() == "\(Self.refusal)\n")
      #expect(clients[3].awaitReply() == "\(Self.refusal)\n")
      #expect(Array(daemon.store.batches.suffix(2)) == [1, 3])
      #expect(client.ask("GET b k") == "OK 1")
      #expect(client.ask("GET c k") == "OK 2")
      #expect(client.ask("GET d k") == "OK 1")
      #expect(client.ask("GET e") == "NIL")
      #expect(client.ask("GET a") == "NIL")
      #expect(daemon.store.faults.count(of: .load) == loads)
      expectRefusing(daemon, client)
      #expect(client.ask("STATS").contains(#""failures":1,"#))
      daemon.store.faults.refuse(nil)
      #expect(client.ask("RENAME d e") == #"OK "e""#)
      #expect(client.ask("GET e k") == "OK 1")
    }
  }

  @Test("does not let it be said that nothing was done of a request of which some was")
  func halfDone() async throws {
    try await StoredDaemon.with(.shared) { daemon in
      let client = try daemon.client()
      for id in ["a", "b", "c"] { #expect(client.version("SET \(id) k 1") != nil) }
      fill(daemon.store, for: ["b"])
      #expect(client.ask("REVOKE a b c") == "\(Self.refusal); it is not known whether the change was made")
      #expect(client.ask("GET a") == "NIL")
      #expect(client.ask("GET b k") == "OK 1")
      #expect(client.ask("GET c") == "NIL")
      expectRefusing(daemon, client)
      daemon.store.faults.refuse(nil)
      #expect(client.ask("REVOKE b") == "OK 1")
      #expect(client.ask("GET b") == "NIL")
    }
  }

  @Test("is told the uses again that it refused, with the next round and not before")
  func uses() async throws {
    try await StoredDaemon.with(.shared) { daemon in
      let client = try daemon.client()
      for id in ["a", "b", "c"] { #expect(client.version("SET \(id) k 1") != nil) }
      let loads = daemon.store.faults.count(of: .load)
      fill(daemon.store, for: ["b", "c"])
      daemon.clock.advance(seconds: 100)
      for id in ["a", "b", "c"] { #expect(client.ask("GET \(id) k") == "OK 1") }
      let end = MovedClock.wallClockAhead + daemon.clock.now + 600_000_000_000
      daemon.markUses()
      daemon.service.withState { $0.pace.ask() }
      daemon.service.saver.wake()
      try eventually("one use is told, and the round is over") {
        daemon.stored("a")?.deadline == end && daemon.cache.unsavedCount == 2
          && daemon.service.withState { !$0.pace.isAsked && $0.health.reluctance != nil }
      }
      let calls = daemon.store.faults.count(of: .apply)
      for _ in 0..<50 {
        daemon.service.saver.wake()
        usleep(200)
      }
      #expect(daemon.store.faults.count(of: .apply) <= calls + 1)
      expectRefusing(daemon, client)
      #expect(daemon.cache.unsavedCount == 2)
      for id in ["a", "b", "c"] { #expect(client.ask("PEEK \(id) k") == "OK 1") }
      #expect(daemon.store.faults.count(of: .load) == loads)
      daemon.store.faults.refuse(nil)
      daemon.advance(seconds: 1)
      try eventually("all are told") { daemon.cache.unsavedCount == 0 }
      for id in ["b", "c"] { #expect(daemon.stored(id)?.deadline == end) }
    }
  }

  @Test("is not the cache's store until it has taken all sessions of the time before")
  func upload() async throws {
    try await StoredDaemon.with(.shared, isThere: false, sessionsBefore: ["a", "b"]) { daemon in
      fill(daemon.store, for: ["b"])
      daemon.store.faults.mend()
      try eventually("it is tried") {
        daemon.advance(seconds: 0.5)
        return daemon.stored("a") != nil && daemon.service.withState { !$0.isOpening }
      }
      let isAway = daemon.service.withState { $0.health.isAway }
      #expect(isAway)
      #expect(daemon.cache.storeID != daemon.store.table.id)
      #expect(daemon.stored("b") == nil)
      daemon.store.faults.refuse(nil)
      try daemon.waitUntilBack()
      let client = try daemon.client()
      for id in ["a", "b"] { #expect(client.ask("GET \(id) k") == "OK 1") }
    }
  }
}
