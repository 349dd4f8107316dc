import SessionClient
import SystemCalls
import Testing

@testable import SessionClient

@Suite("Counts of mapped reads", .timeLimit(.minutes(10))) struct HitReportTests {
  private func segment() throws -> TestSegment {
    let segment = try TestSegment()
    try segment.set("s1", ["n": "1"])
    return segment
  }

  private static let statistics = #"""
    {"version":"1","pid":1,"uptime":1,"sessions":1,"memory":{"limit":1,"reserved":1,"used":1,"index":1,"tags":0,"events":0,"buffers":0},"marks":0,\#
    "hits":0,"misses":0,"sets":0,"expired":0,"full":0,"evicted":{"expired":0,"untagged":0,"tagged":0},"forgotten":0,\#
    "mapped":{"hits":0,"maps":0},\#
    "connections":{"current":1,"accepted":1,"refused":0,"dropped":0},"commands":{},"unknown":0}
    """#

  @Sendable private static func answer(_ line: String) -> MappedDaemon.Answer {
    line == "STATS"
      ? .line("OK " + statistics) : line.hasSuffix(" end") ? .end : MappedDaemon.answerAsEmpty(line)
  }

  private func told(_ daemon: MappedDaemon) -> [Int] {
    daemon.lines.filter { $0.hasPrefix("READS ") }.compactMap { Int($0.dropFirst(6)) }
  }

  @Test("reach the daemon by themselves, and then the thread sleeps")
  func byThemselves() async throws {
    let daemon = try MappedDaemon(over: segment(), answering: Self.answer)
    defer { daemon.stop() }
    let sessions = try daemon.client()
    for _ in 0..<1000 { _ = try sessions.blocking.get("s1", "n", as: Int.self) }
    try await eventually("they are told") { told(daemon).reduce(0, +) == 1000 }
    try await eventually("there is nothing to report") {
      sessions.engine.state.withLock { $0.duties.reportAt == nil }
    }
    let lines = daemon.lines.count
    _ = try sessions.blocking.peek("s1", "n", as: Int.self)
    try await eventually("the next one is told") { told(daemon).reduce(0, +) == 1001 }
    #expect(daemon.lines.count == lines + 1)
  }

  @Test("of what has a value, of many threads, are exact")
  func exact() async throws {
    let daemon = try MappedDaemon(over: segment(), answering: Self.answer)
    defer { daemon.stop() }
    let sessions = try daemon.client()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for _ in 0..<5000 {
            #expect((try? await sessions.get("s1", "n", as: Int.self)) == 1)
            #expect((try? await sessions.get("s1", "none", as: Int.self)) == .some(nil))
          }
        }
      }
    }
    _ = try await sessions.stats()
    #expect(told(daemon).reduce(0, +) == 20_000)
    #expect(daemon.lines.last == "STATS")
    _ = try await sessions.get("s1")
    _ = try await sessions.getMany("s1", ["none"])
    _ = try await sessions.withJSON("s1", "n") { $0.count }
    _ = try await sessions.stats()
    #expect(told(daemon).reduce(0, +) == 20_003)
  }

  @Test("are told when the client closes")
  func atClose() async throws {
    let daemon = try MappedDaemon(over: segment(), answering: Self.answer)
    defer { daemon.stop() }
    let sessions = try daemon.client()
    for _ in 0..<10 { _ = try sessions.blocking.get("s1", "n", as: Int.self) }
    sessions.close()
    try await eventually("they are told") { told(daemon) == [10] }
  }

  @Test(
    "that went out with a connection that broke are not told twice, and those that did not are told later")
  func lost() async throws {
    let daemon = try MappedDaemon(over: segment(), answering: Self.answer)
    defer { daemon.stop() }
    let sessions = try daemon.client()
    for _ in 0..<10 { _ = try sessions.blocking.get("s1", "n", as: Int.self) }
    #expect(throws: SessionError.self) {
      try sessions.engine.performBlocking(Array("PING end\n".utf8), .never)
    }
    for _ in 0..<5 { _ = try sessions.blocking.get("s1", "n", as: Int.self) }
    try await eventually("they are told") { told(daemon).reduce(0, +) >= 15 }
    _ = try await sessions.stats()
    #expect(told(daemon).reduce(0, +) == 15)
  }
}
