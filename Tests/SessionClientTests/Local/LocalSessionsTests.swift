import SessionClient
import SessionConformance
import Testing

@Suite("Sessions of this process", .timeLimit(.minutes(10))) struct LocalSessionsTests {
  @Test("do what the protocol says, by a clock that is moved", arguments: ConformanceCase.all)
  func conformance(_ conformance: ConformanceCase) async throws {
    let sessions = LocalSessions(options: .init(lifetime: conformance.lifetime, clock: .stopped))
    try await conformance.run(on: sessions) { sessions.advance(by: $0) }
  }

  @Test("do so by the time that goes by", arguments: ConformanceCase.all)
  func running(_ conformance: ConformanceCase) async throws {
    let sessions = LocalSessions(options: .init(lifetime: conformance.lifetime))
    try await conformance.run(on: sessions) { try await Task.sleep(for: $0) }
  }
}
