import Logging
import SessionCache
import SessionStore
import StoreSupport
import SystemCalls
import Testing

@testable import SessionServer

@Suite("The start of an empty cache")
struct WarmStartTests {
  @Test("loads what was used last, as long as there is room, and counts it", arguments: [4 << 20, 16 << 20])
  func order(bytes: Int) async throws {
    let clock = MovedClock()
    let table = try await StoredDaemon.with(bytes: 64 << 20, clock: clock) { daemon in
      let client = try daemon.client()
      let value = "\"" + String(repeating: "x", count: 2_000) + "\""
      for number in 0..<3000 {
        daemon.clock.advance(nanoseconds: 1_000_000)
        #expect(client.version("SET s\(number) k \(value)") != nil)
      }
      daemon.stop()
      return daemon.store.table
    }
    try await StoredDaemon.with(bytes: bytes, warmsUp: true, table: table, clock: clock) { daemon in
      try eventually("it is warm") {
        daemon.log.messages(from: .notice).contains { $0.contains("the cache is warm") }
      }
      let count = daemon.cache.sessionCount
      #expect(bytes == 4 << 20 ? (100..<3000).contains(count) : count == 3000)
      let newest = (3000 - count..<3000).map { Array("s\($0)".utf8) }
      #expect(newest.allSatisfy { daemon.cache.information($0.span, at: clock.now) != nil })
      let client = try daemon.client()
      #expect(client.ask("STATS").contains("\"warm\":\(count)"))
      #expect(client.ask("EXISTS s0") == "OK true")
    }
  }

  @Test("answers who asks for a session meanwhile, before the rest")
  func askedMeanwhile() async throws {
    let clock = MovedClock()
    let table = try await StoredDaemon.with(bytes: 64 << 20, clock: clock) { daemon in
      let client = try daemon.client()
      for number in 0..<5000 { _ = client.ask("SET s\(number) k \(number)") }
      daemon.stop()
      return daemon.store.table
    }
    try await StoredDaemon.with(bytes: 64 << 20, isThere: false, warmsUp: true, table: table, clock: clock) {
      daemon in
      daemon.store.faults.hold([.recent])
      daemon.store.faults.mend()
      try daemon.waitUntilBack()
      #expect(daemon.store.faults.waitUntilHeld())
      let client = try daemon.client()
      let step = client.run("GET s17 k\n".utf8, untilParked: true)
      guard case .requestIsParked = step.pause else {
        Issue.record("it does not wait")
        return
      }
      daemon.store.faults.release()
      #expect(client.awaitReply() == "OK 17\n")
      #expect(client.version("SET s18 k 1") != nil)
      try eventually("it is warm") { daemon.cache.sessionCount == 5000 }
      #expect(client.ask("GET s18 k") == "OK 1")
    }
  }

  @Test("goes on behind all versions that were given before")
  func versions() async throws {
    let clock = MovedClock()
    let table = try await StoredDaemon.with(clock: clock) { daemon in
      let client = try daemon.client()
      for _ in 0..<100 { _ = client.ask("SET s k 1") }
      daemon.stop()
      return daemon.store.table
    }
    let last = table.record(Array("s".utf8))?.version ?? 0
    try await StoredDaemon.with(warmsUp: true, table: table, clock: clock) { daemon in
      let version = try #require(try daemon.client().version("SET t k 1"))
      #expect(version > last)
    }
  }
}
