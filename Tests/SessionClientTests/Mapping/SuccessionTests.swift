import SessionCache
import SessionClient
import SystemCalls
import Testing

@testable import SessionClient

@Suite("When the daemon goes, or another one comes", .timeLimit(.minutes(10))) struct SuccessionTests {
  private func segment(n: Int) throws -> TestSegment {
    let segment = try TestSegment()
    try segment.set("s1", ["n": "\(n)"])
    return segment
  }

  /// Ends the connection when it is asked for the key `end`.
  @Sendable private static func answer(_ line: String) -> MappedDaemon.Answer {
    line.hasSuffix(" end") ? .end : MappedDaemon.answerAsEmpty(line)
  }

  /// Has the daemon close the connection.
  private func endConnection(of sessions: SessionClient) {
    #expect(throws: SessionError.self) {
      try sessions.engine.performBlocking(Array("PING end\n".utf8), .never)
    }
  }

  @Test("a daemon with the same segment is recognised, and nothing is mapped anew")
  func sameSegment() async throws {
    let segment = try segment(n: 1)
    let daemon = try MappedDaemon(over: segment, answering: Self.answer)
    defer { daemon.stop() }
    let sessions = try daemon.client()
    let view = sessions.gate.pointee.view
    for round in 2...5 {
      endConnection(of: sessions)
      #expect(try sessions.blocking.get("s1", "n") == 1)
      // Nobody asks for anything: the client looks for a daemon by itself.
      try await eventually("it connects again") { daemon.maps == round }
    }
    _ = try sessions.blocking.get("nobody", "n", as: Int.self)
    #expect(sessions.gate.pointee.view == view)
    #expect(try sessions.blocking.get("s1", "n") == 1)
  }

  @Test("a daemon with another segment is read from as soon as it hands it out")
  func otherSegment() async throws {
    let daemon = try MappedDaemon(over: segment(n: 1), segment(n: 2), segment(n: 3), answering: Self.answer)
    defer { daemon.stop() }
    let sessions = try daemon.client()
    for round in 1...3 {
      #expect(try sessions.blocking.get("s1", "n") == round)
      endConnection(of: sessions)
      if round < 3 {
        try await eventually("it is swapped") { try sessions.blocking.get("s1", "n") == round + 1 }
      }
    }
  }

  @Test("a superseded segment is read no more, and the daemon asked for the one that took its place")
  func superseded() async throws {
    let (old, new) = (try segment(n: 1), try segment(n: 2))
    let daemon = try MappedDaemon(over: old, new, answering: Self.answer)
    defer { daemon.stop() }
    let sessions = try daemon.client()
    #expect(try sessions.blocking.get("s1", "n") == 1)
    try old.markSuperseded()
    // The socket answers for it.
    #expect(try sessions.blocking.get("s1", "n", as: Int.self) == nil)
    // This connection hands out the old one again, which is asked for once and not taken.
    try await eventually("it is asked for") { daemon.maps == 2 }
    _ = try sessions.blocking.get("nobody", "n", as: Int.self)
    #expect(try sessions.blocking.get("s1", "n", as: Int.self) == nil)
    endConnection(of: sessions)
    try await eventually("it is swapped") { try sessions.blocking.get("s1", "n") == 2 }
    #expect(daemon.maps == 3)
  }

  @Test("reads go on without a daemon for as long as the program allows, and what needs one throws")
  func alone() async throws {
    let segment = try segment(n: 1)
    let daemon = try MappedDaemon(over: segment, answering: Self.answer)
    let sessions = try daemon.client(
      SessionClient.Options(
        requestTimeout: .seconds(20), reconnectPatience: .zero, mappedReadsAlone: .milliseconds(500)))
    daemon.stop()
    endConnection(of: sessions)
    #expect(try sessions.blocking.get("s1", "n") == 1)
    #expect(
      performing: { try sessions.blocking.get("nobody", "n", as: Int.self) }, throws: Self.isUnavailable)
    await #expect(performing: { try await sessions.set("s1", "n", 2) }, throws: Self.isUnavailable)
    try await eventually("reads throw, too") {
      do throws(SessionError) {
        return try sessions.blocking.get("s1", "n") == 5
      } catch {
        return Self.isUnavailable(error)
      }
    }
    #expect(performing: { try sessions.blocking.get("s1", "n", as: Int.self) }, throws: Self.isUnavailable)
  }

  @Test("a daemon that comes back in time ends the time alone")
  func back() async throws {
    let segment = try segment(n: 1)
    let directory = try TemporaryDirectory()
    let daemon = try MappedDaemon(in: directory, over: segment, answering: Self.answer)
    let sessions = try daemon.client()
    daemon.stop()
    endConnection(of: sessions)
    #expect(try sessions.blocking.get("s1", "n") == 1)
    #expect(sessions.gate.pointee.closesAt < .max)
    let successor = try MappedDaemon(in: directory, over: segment, answering: Self.answer)
    defer { successor.stop() }
    try await eventually("it is connected") { sessions.gate.pointee.closesAt == .max }
    #expect(try sessions.blocking.get("s1", "n") == 1)
  }

  @Test("a daemon that answers no more counts as gone when reads are not confirmed in time")
  func silent() async throws {
    let segment = try segment(n: 1)
    let goOn = Signal()
    let daemon = try MappedDaemon(over: segment) { line in
      if line.hasPrefix("READS") { goOn.block() }
      return MappedDaemon.answerAsEmpty(line)
    }
    defer { daemon.stop() }
    let sessions = try daemon.client(
      SessionClient.Options(
        requestTimeout: .milliseconds(100), reconnectPatience: .zero, mappedReadsAlone: .milliseconds(100)))
    try await eventually("reads throw") {
      do throws(SessionError) {
        return try sessions.blocking.get("s1", "n") == 5
      } catch {
        return error == .timedOut(mayHaveBeenApplied: false)
      }
    }
    // A sign of life, and it is asked for the segment again.
    goOn.raise()
    try await eventually("it is mapped again") { sessions.gate.pointee.view != nil }
    #expect(try sessions.blocking.peek("s1", "n") == 1)
  }

  @Test("a daemon that takes no more connections is none that answers")
  func turnedAway() async throws {
    let segment = try segment(n: 1)
    let daemon = try FakeDaemon { connection in
      connection.scriptsMap = true
      guard connection.number == 1 else { return connection.send("ERR limit too many connections\n") }
      while let line = connection.readLine() {
        switch line {
        case "MAP": connection.send("OK {}\n", with: segment.cache.readOnlyDescriptor.number)
        case "PING end": return
        default: connection.send("NIL\n")
        }
      }
    }
    defer { daemon.stop() }
    let sessions = SessionClient(
      socket: daemon.path,
      options: .init(
        requestTimeout: .seconds(20), reconnectPatience: .zero, mappedReadsAlone: .milliseconds(300)))
    #expect(try sessions.blocking.get("nobody", "n", as: Int.self) == nil)
    endConnection(of: sessions)
    #expect(try sessions.blocking.get("s1", "n") == 1)
    try await eventually("reads throw") {
      do throws(SessionError) {
        return try sessions.blocking.get("s1", "n") == 5
      } catch {
        return error == .limit("too many connections")
      }
    }
    #expect(daemon.connections > 2)
  }

  private static func isUnavailable(_ error: any Error) -> Bool {
    if case SessionError.unavailable = error { true } else { false }
  }
}
