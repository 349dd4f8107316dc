import SessionCache
import SessionClient
import SystemCalls
import TestSupport
import Testing

@testable import SessionClient

@Suite("Uses of mapped sessions", .timeLimit(.minutes(10))) struct TouchTests {
  /// A daemon that touches what it is told to, for real.
  private func daemon(over segment: TestSegment) throws -> MappedDaemon {
    try MappedDaemon(over: segment) { line in
      let words = line.split(separator: " ").map(String.init)
      guard words.first == "TOUCH" else { return MappedDaemon.answerAsEmpty(line) }
      let touched = words.dropFirst().count { (try? segment.touch($0)) ?? false }
      return .line("OK \(touched)")
    }
  }

  /// The ids of each TOUCH.
  private func touches(_ daemon: MappedDaemon) -> [[String]] {
    daemon.lines.filter { $0.hasPrefix("TOUCH ") }.map { line in
      line.split(separator: " ").dropFirst().map(String.init)
    }
  }

  @Test("reach the daemon in batches, each once in a tenth of its time to live")
  func batches() async throws {
    let segment = try TestSegment()
    for number in 0..<100 {
      try segment.set("s\(number)", ["n": "\(number)"])
      try segment.age("s\(number)", by: 61, ttl: 600)
    }
    let daemon = try daemon(over: segment)
    defer { daemon.stop() }
    let sessions = try daemon.client()
    for _ in 0..<50 {
      for number in 0..<100 { #expect(try await sessions.get("s\(number)", "n") == number) }
    }
    try await eventually("all are touched") { touches(daemon).flatMap(\.self).count >= 100 }
    for number in 0..<100 { #expect(try await sessions.get("s\(number)", "n") == number) }
    sessions.close()
    let ids = touches(daemon).flatMap(\.self)
    #expect(Set(ids).count == 100)
    #expect(ids.count == 100)
    #expect(touches(daemon).count < 20)
  }

  @Test("are told no more to a daemon that lets this user slide nothing, until the next connection")
  func denied() {
    let touches = PendingTouches()
    #expect(touches.note("s", timeToLive: 1_000, at: 0))
    touches.mute()
    #expect(touches.isEmpty)
    #expect(!touches.note("t", timeToLive: 1_000, at: 0))
    #expect(touches.count == 0)
    touches.unmute()
    #expect(touches.note("t", timeToLive: 1_000, at: 0))
  }

  @Test("are told by the time to live that a session has now, not by a longer one that it had")
  func shortened() {
    let touches = PendingTouches()
    let second: Int64 = 1_000_000_000
    #expect(touches.note("s", timeToLive: 1_000 * second, at: 0))
    #expect(touches.takeBatch() == ["s"])
    #expect(!touches.note("s", timeToLive: 1_000 * second, at: 50 * second))
    #expect(touches.note("s", timeToLive: 3 * second, at: 51 * second))
    #expect(touches.takeBatch() == ["s"])
    #expect(!touches.note("s", timeToLive: 1_000 * second, at: 51 * second))
    #expect(touches.note("s", timeToLive: 1_000 * second, at: 52 * second))
  }

  @Test("are told only where a tenth of the time to live has passed, and not by those that slide nothing")
  func due() async throws {
    let segment = try TestSegment()
    for id in ["fresh", "old", "peeked"] { try segment.set(id, ["n": "1"]) }
    try segment.age("fresh", by: 59, ttl: 600)
    try segment.age("old", by: 60, ttl: 600)
    try segment.age("peeked", by: 500, ttl: 600)
    let daemon = try daemon(over: segment)
    defer { daemon.stop() }
    let sessions = try daemon.client()
    _ = try await sessions.get("fresh", "n", as: Int.self)
    _ = try await sessions.peek("peeked", "n", as: Int.self)
    _ = try await sessions.peek("peeked")
    _ = try await sessions.exists("peeked")
    _ = try await sessions.ttl("peeked")
    // No such key is a use as well.
    _ = try await sessions.get("old", "none", as: Int.self)
    try await eventually("it is touched") { !touches(daemon).isEmpty }
    sessions.close()
    #expect(touches(daemon) == [["old"]])
  }

  @Test("of sessions that live less than a second are told at once, over the socket")
  func shortLived() async throws {
    let segment = try TestSegment()
    try segment.set("s1", ["n": "1"], ttl: 0.999)
    try segment.set("s2", ["n": "2"], ttl: 1000)
    let daemon = try MappedDaemon(over: segment) {
      $0 == "GET s1 n" ? "OK 10" : MappedDaemon.answerAsEmpty($0)
    }
    defer { daemon.stop() }
    let sessions = try daemon.client()
    #expect(try await sessions.get("s2", "n") == 2)
    #expect(try await sessions.get("s1", "n") == 10)
  }

  @Test("are told again by a daemon's successor if the one before gave no answer")
  func lostTouch() async throws {
    let segment = try TestSegment()
    try segment.set("s1", ["n": "1"])
    try segment.age("s1", by: 300, ttl: 600)
    let fake = try FakeDaemon { connection in
      connection.scriptsMap = true
      while let line = connection.readLine() {
        if line == "MAP" {
          connection.send("OK {}\n", with: segment.cache.readOnlyDescriptor.number)
        } else if line.hasPrefix("TOUCH") {
          if connection.number == 1 { return }
          connection.send("OK 1\n")
        } else {
          connection.send("NIL\n")
        }
      }
    }
    defer { fake.stop() }
    let sessions = SessionClient(socket: fake.path, options: MappedDaemon.patient)
    #expect(try await sessions.get("nobody", "n", as: Int.self) == nil)
    #expect(try await sessions.get("s1", "n") == 1)
    // Nobody asks for anything: a client that reads out of a mapping looks for a daemon by itself.
    try await eventually("it is told again") { fake.lines.count { $0 == "TOUCH s1" } == 2 }
    #expect(fake.connections == 2)
    sessions.close()
  }

  @Test("are gathered, and bounded, while no daemon answers")
  func bounded() {
    let touches = PendingTouches()
    var told = 0
    for number in 0..<200_000 where touches.note("s\(number)", timeToLive: 10_000_000_000, at: 5) {
      told += 1
    }
    #expect(told == 1)
    #expect(touches.count == PendingTouches.idsMost)
    #expect(!touches.note("s1", timeToLive: 10_000_000_000, at: 999_999_999))
    var ids: Set<String> = []
    var batches = 0
    while batches < 10_000 {
      let batch = touches.takeBatch()
      if batch.isEmpty { break }
      #expect(batch.count <= 1024)
      ids.formUnion(batch)
      batches += 1
    }
    #expect(ids.count == PendingTouches.idsMost)
    // A second later all may be told again, and so there is room for others.
    #expect(touches.note("other", timeToLive: 10_000_000_000, at: 2_000_000_005))
    #expect(touches.count == 1)
  }

  @Test("with long ids go out in lines that every daemon takes")
  func longIDs() {
    let touches = PendingTouches()
    let ids = (0..<300).map { number in
      let digits = "\(number)"
      return String(repeating: "\"", count: 255 - digits.count) + digits
    }
    for id in ids { _ = touches.note(id, timeToLive: 10_000_000_000, at: 5) }
    var first = touches.takeBatch()
    #expect((20..<100).contains(first.count))
    for _ in 0..<10 {
      touches.putBack(first, lineWasTooLong: true)
      first = touches.takeBatch()
    }
    #expect(first.count == 1)
    // What is on its way is not told a second time, and what was put back is.
    #expect(!touches.note(first[0], timeToLive: 10_000_000_000, at: 6))
    var rest: [String] = first
    for _ in 0..<1000 { rest += touches.takeBatch() }
    #expect(rest.sorted() == ids.sorted())
  }
}
