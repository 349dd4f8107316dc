import Logging
import SessionCache
import SessionStore
import StoreSupport
import Testing

@testable import SessionServer

@Suite("Reading through to the store")
struct ReadThroughTests {
  @Test("finds what was forgotten in memory", arguments: StoredDaemon.Mode.allCases)
  func found(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      let client = try daemon.client()
      #expect(client.version("MSET s {\"a\":1,\"b\":[true]}") != nil)
      #expect(client.ask("TAG s t u") == "OK 2")
      let info = client.ask("INFO s")
      try daemon.flush()
      daemon.forgetAll()
      #expect(daemon.cache.sessionCount == 0)
      #expect(client.ask("GET s a") == "OK 1")
      #expect(client.ask("INFO s") == info)
      for read in ["PEEK s", "MGET s a b", "EXISTS s", "TTL s", "DUMP s", "TOUCH s"] {
        daemon.forgetAll()
        #expect(client.ask(read).hasPrefix("OK "), "\(read)")
      }
      #expect(client.ask("STATS").contains("\"misses\":0,"))
    }
  }

  @Test("asks for what does not exist once in a while only", arguments: StoredDaemon.Mode.allCases)
  func nothing(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      let client = try daemon.client()
      for _ in 0..<10 { #expect(client.ask("GET nothing") == "NIL") }
      #expect(client.ask("EXISTS nothing") == "OK false")
      #expect(daemon.store.loads(of: Array("nothing".utf8)) == 1)
      daemon.advance(seconds: 60)
      _ = daemon.cache.sweep(at: daemon.clock.now) { true }
      #expect(client.ask("GET nothing") == "NIL")
      #expect(daemon.store.loads(of: Array("nothing".utf8)) == 2)
      // What was known not to be there can be made.
      #expect(client.version("SET nothing a 1 ") != nil)
      #expect(client.ask("GET nothing a") == "OK 1")
    }
  }

  @Test(
    "loads a session once for a thousand clients that ask for it at the same time",
    arguments: StoredDaemon.Mode.allCases)
  func singleFlight(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      let writer = try daemon.client()
      _ = writer.ask("SET s a 1")
      try daemon.flush()
      daemon.forgetAll()
      let before = daemon.store.loads(of: Array("s".utf8))
      daemon.store.faults.hold([.load])
      let clients = try (0..<1000).map { _ in try daemon.client() }
      for client in clients {
        guard case .requestIsParked = client.take("GET s a\n".utf8).pause else {
          Issue.record("it is not parked")
          return
        }
      }
      #expect(writer.ask("STATS").contains("\"waiting\":1000,"))
      daemon.store.faults.release()
      for client in clients { #expect(client.awaitReply() == "OK 1\n") }
      #expect(writer.ask("STATS").contains("\"waiting\":0,"))
      #expect(daemon.store.loads(of: Array("s".utf8)) - before == 1)
    }
  }

  @Test("keeps the order of a connection's requests and replies")
  func order() async throws {
    try await StoredDaemon.with { daemon in
      let client = try daemon.client()
      for number in 0..<20 { _ = client.ask("SET s\(number) n \(number)") }
      try daemon.flush()
      daemon.forgetAll()
      let requests = (0..<20).map { "PING\nINCR s\($0) n\nGET s\($0) n\nGET none\($0)\n" }.joined()
      let replies = (0..<20).map { "OK \"pong\"\nOK \($0 + 1)\nOK \($0 + 1)\nNIL\n" }.joined()
      #expect(client.run((requests + "QUIT\nPING\n").utf8) == (.closing, replies + "OK\n"))
    }
  }

  @Test(
    "says that the store is away where memory can't tell, and never NIL",
    arguments: StoredDaemon.Mode.allCases)
  func away(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      let client = try daemon.client()
      _ = client.ask("SET known a 1")
      _ = client.ask("SET s a 1")
      try daemon.flush()
      _ = daemon.cache.forget(Array("s".utf8).span)
      daemon.store.faults.disconnect(isReachable: false)
      #expect(client.ask("GET s") == "ERR unavailable the store is away: the connection is lost")
      for request in [
        "GET none", "EXISTS none", "SET none a 1", "INCR s n", "DEL s", "RENAME s", "TAGGED t", "LIST",
        "REVOKE s",
      ] {
        #expect(client.ask(request).hasPrefix("ERR unavailable the store is away: "), "\(request)")
      }
      #expect(client.ask("GET known a") == "OK 1")
      #expect(client.ask("STATS").contains("\"state\":\"away\""))
      daemon.store.faults.mend()
      daemon.advance(seconds: 10)
      try eventually("it is back") { client.ask("GET s a") == "OK 1" }
      #expect(client.ask("INCR s n") == "OK 1")
      daemon.advance(seconds: 10)
      try eventually("it says so") { client.ask("STATS").contains("\"state\":\"ok\"") }
      let lines = daemon.log.messages(from: .notice).filter { $0.contains("the store is ") }
      #expect(lines.count == 2, "\(lines)")
    }
  }

  @Test("forgets a parked connection that closes, and answers the others")
  func closing() async throws {
    try await StoredDaemon.with { daemon in
      let client = try daemon.client()
      _ = client.ask("SET s a 1")
      try daemon.flush()
      daemon.forgetAll()
      daemon.store.faults.hold([.load])
      var gone: Dialogue? = try daemon.client()
      _ = gone?.take("GET s a\nSET s a 2\n".utf8)
      gone = nil
      guard case .requestIsParked = client.take("GET s a\n".utf8).pause else {
        Issue.record("it is not parked")
        return
      }
      daemon.store.faults.release()
      #expect(client.awaitReply() == "OK 1\n")
      try eventually("nothing is left of it") { daemon.service.withState { $0.waitingCount } == 0 }
    }
  }
}
