import SessionCache
import StoreSupport
import SystemCalls
import Testing

@testable import SessionServer

@Suite("Reads of a session that comes to memory and leaves it all the while")
struct LoadRaceTests {
  @Test("never find it missing", arguments: StoredDaemon.Mode.allCases)
  func race(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      let client = try daemon.client()
      #expect(client.version("SET s a 1") != nil)
      try daemon.flush()
      let (cache, service) = (daemon.cache, daemon.service)
      let isOver = Guarded(false)
      let id = Array("s".utf8)
      let bell = StoreBell { _ in }
      let forgetter = try ServiceThread(name: "forgetter") {
        var ticket: UInt64 = 0
        while !isOver.withLock({ $0 }) {
          _ = cache.forget(id.span, evenIfUsed: true)
          ticket += 1
          // As another client's request has it loaded.
          try? service.load([id], for: StoreWaiter(bell: bell, ticket: ticket))
        }
      }
      var missing = 0
      for _ in 0..<4000 {
        for request in ["PEEK s a", "EXISTS s", "TTL s", "DUMP s"] {
          let reply = client.ask(request)
          if reply == "NIL" || reply == "OK false" { missing += 1 }
        }
      }
      isOver.withLock { $0 = true }
      forgetter.join()
      #expect(missing == 0)
    }
  }

  @Test(
    "do not bring back what it was before a change that was made, saved and forgotten meanwhile",
    arguments: ["SET s a 2", "DEL s"])
  func outdated(change: String) async throws {
    try await StoredDaemon.with { daemon in
      let client = try daemon.client()
      let id = Array("s".utf8)
      #expect(client.version("SET s a 1") != nil)
      try daemon.flush()
      let loads = daemon.store.loads(of: id)
      daemon.store.faults.hold([.load], .after)
      let inbox = StoreInbox()
      // As who has it loaded whatever memory knows.
      try daemon.service.loadAfresh([id], for: StoreWaiter(bell: inbox.bell, ticket: 1))
      #expect(daemon.store.faults.waitUntilHeld())
      #expect(client.ask(change).hasPrefix("OK "))
      try daemon.flush()
      daemon.forgetAll()
      daemon.store.faults.release()
      _ = try #require(inbox.wait(for: 1))
      #expect(daemon.store.loads(of: id) == loads + 2)
      #expect(client.ask("GET s a") == (change == "DEL s" ? "NIL" : "OK 2"))
    }
  }

  @Test(
    "are not made for who saw a session gone, and did not see it come back",
    arguments: StoredDaemon.Mode.allCases)
  func cameBack(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      let client = try daemon.client()
      #expect(client.version("SET s a 1") != nil)
      try daemon.flush()
      daemon.forgetAll()
      let (id, absent) = (Array("s".utf8), Array("nobody".utf8))
      let inbox = StoreInbox()
      for ticket in 1...3 as ClosedRange<UInt64> {
        try daemon.service.load([absent, id], for: StoreWaiter(bell: inbox.bell, ticket: ticket))
        let reply = try #require(inbox.wait(for: ticket))
        guard case .ready = reply.answer else {
          Issue.record("\(reply)")
          return
        }
        #expect(daemon.store.loads(of: absent) == 1)
      }
      #expect(client.ask("GET s a") == "OK 1")
      let loads = daemon.store.loads(of: id)
      try daemon.service.load([id], for: StoreWaiter(bell: inbox.bell, ticket: 4))
      _ = try #require(inbox.wait(for: 4))
      #expect(daemon.store.loads(of: id) == loads)
    }
  }
}
