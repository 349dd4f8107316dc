import SessionStore
import StoreSupport
import SystemCalls
import Testing

@testable import SessionCache
@testable import SessionServer

@Suite("A reactor whose clients wait for the store")
struct ReactorParkingTests {
  private func with(
    _ mode: StoredDaemon.Mode = .behind, _ body: (StoredDaemon, ReactorUnderTest) throws -> Void
  ) async throws {
    try await StoredDaemon.with(mode) { daemon in
      _ = try daemon.client().ask("SET s k 1")
      try daemon.flush()
      daemon.forgetAll()
      try ReactorUnderTest.with(cache: daemon.cache, clock: daemon.clock, service: daemon.service) {
        reactor in
        try body(daemon, reactor)
      }
    }
  }

  @Test(
    "serves others meanwhile, and each in the order of its requests", arguments: StoredDaemon.Mode.allCases)
  func others(mode: StoredDaemon.Mode) async throws {
    try await with(mode) { daemon, reactor in
      daemon.store.faults.hold([.load])
      let (one, _) = try reactor.connect()
      let (other, _) = try reactor.connect()
      try one.send("PING\nGET s k\nPING\nGET s k\n")
      #expect(try one.receive(lines: 1) == "OK \"pong\"\n")
      try one.send("GET none\n")
      for _ in 0..<10 { #expect(try other.ask("PING") == "OK \"pong\"") }
      daemon.store.faults.release()
      #expect(try one.receive(lines: 4) == "OK 1\nOK \"pong\"\nOK 1\nNIL\n")
    }
  }

  @Test("tells events behind the reply to the request that made them, also if that waits for the store")
  func events() async throws {
    try await with(.through) { daemon, reactor in
      let (client, _) = try reactor.connect()
      #expect(try client.ask("GET s k") == "OK 1")
      #expect(try client.ask("WATCH s").hasPrefix("OK "))
      daemon.store.faults.hold([.apply])
      try client.send("SET s k 2\nGET s k\n")
      #expect(daemon.store.faults.waitUntilHeld())
      // As if the commit were visible before its reply is on its way.
      let id = Array("s".utf8)
      id.withUnsafeBytes { daemon.cache.events.append(.set, $0, version: 4711) }
      daemon.cache.events.wakeListeners(but: nil)
      try reactor.settle()
      daemon.store.faults.release()
      let lines = try client.receive(lines: 4).split(separator: "\n")
      #expect(lines.prefix(2).allSatisfy { $0.hasPrefix("OK ") } && lines[1] == "OK 2", "\(lines)")
      #expect(lines[2].contains(#""version":4711"#) && lines[3].contains(#""event":"set""#), "\(lines)")
    }
  }

  @Test("is left by clients that hang up while they wait")
  func hangUp() async throws {
    try await with { daemon, reactor in
      daemon.store.faults.hold([.load])
      var clients = try (0..<20).map { _ in try reactor.connect().client }
      for client in clients { try client.send("GET s k\nSET s k 2\n") }
      #expect(daemon.store.faults.waitUntilHeld())
      try reactor.settle()
      clients = []
      try eventually("they are gone") { reactor.connectionCount == 0 }
      daemon.store.faults.release()
      try eventually("nothing waits for them") { daemon.service.withState { $0.waitingCount } == 0 }
      try reactor.settle()
      let (client, _) = try reactor.connect()
      #expect(try client.ask("GET s k") == "OK 1")
    }
  }

  @Test("answers a client that has closed its sending side while it waits")
  func halfClosed() async throws {
    try await with { daemon, reactor in
      daemon.store.faults.hold([.load])
      let (client, _) = try reactor.connect()
      try client.send("GET s k\nPING\n")
      try client.endSending()
      #expect(daemon.store.faults.waitUntilHeld())
      daemon.store.faults.release()
      #expect(try client.receiveAll() == "OK 1\nOK \"pong\"\n")
    }
  }

  @Test("answers those who wait before it ends")
  func drain() async throws {
    try await with { daemon, reactor in
      daemon.store.faults.hold([.load])
      let (client, _) = try reactor.connect()
      try client.send("GET s k\nGET s k\n")
      #expect(daemon.store.faults.waitUntilHeld())
      try reactor.settle()
      reactor.mailbox.post { $0.isDraining = true }
      try reactor.settle()
      daemon.store.faults.release()
      let all = try client.receiveAll()
      #expect(all.hasPrefix("OK 1\n"), "\(all)")
      #expect(reactor.drain())
    }
  }

  @Test(
    "lets nobody wait longer than the store may take", arguments: [.behind, .through] as [StoredDaemon.Mode])
  func patience(mode: StoredDaemon.Mode) async throws {
    try await with(mode) { daemon, reactor in
      daemon.store.faults.hold([.load, .apply])
      let (reader, _) = try reactor.connect()
      let (writer, _) = try reactor.connect()
      try reader.send("GET s k\nPING\n")
      try writer.send("NEW\nPING\n")
      #expect(daemon.store.faults.waitUntilHeld(mode == .through ? 2 : 1))
      try reactor.settle()
      daemon.clock.advance(seconds: 4.9)
      try reactor.settle()
      #expect(reactor.connectionCount == 2)
      daemon.clock.advance(seconds: 0.2)
      try reactor.settle()
      #expect(
        try reader.receive(lines: 2)
          == "ERR unavailable the store is away: it does not answer in time\nOK \"pong\"\n")
      let reply = try writer.receive(lines: 2)
      if mode == .through {
        #expect(
          reply
            == "ERR unavailable the store is away: it does not answer in time; it is not known whether the change was made\nOK \"pong\"\n"
        )
      }
      daemon.store.faults.release()
      try reactor.settle()
      #expect(try reader.ask("GET s k") == "OK 1")
    }
  }

  @Test("counts what it holds for those who wait")
  func buffers() async throws {
    try await with { daemon, reactor in
      daemon.store.faults.hold([.load])
      let (client, _) = try reactor.connect(uid: 7)
      let value = "\"" + String(repeating: "x", count: 10_000) + "\""
      try client.send("SET s k \(value)\n")
      #expect(daemon.store.faults.waitUntilHeld())
      try reactor.settle()
      #expect(reactor.ledger.bufferedBytes(7) >= 10_000)
      daemon.store.faults.release()
      #expect(try client.receive(lines: 1).hasPrefix("OK "))
      try reactor.settle()
      #expect(reactor.ledger.bufferedBytes(7) == 0)
    }
  }
}
