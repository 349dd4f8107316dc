import Testing

@testable import SessionServer

@Suite("The test stall")
struct TestStallTests {
  private func stall(_ text: String?) throws(Server.StartError) -> TestStall? {
    try TestStall(environment: text.map { ["SESSIOND_TEST_STALL": $0] } ?? [:], clock: MovedClock().clock)
  }

  @Test("is there only if it is asked for")
  func presence() throws {
    #expect(try stall(nil) == nil)
    let reactor = try #require(try stall("reactor:2s"))
    #expect(reactor.place == .reactor)
    #expect(reactor.moment == MovedClock().now + 2_000_000_000)
    #expect(try stall("reclaimer:0")?.place == .reclaimer)
  }

  @Test(
    "is refused where it is not understood",
    arguments: ["", "reactor", "reactor:", "other:2s", "reactor:soon"])
  func nonsense(text: String) {
    #expect(throws: Server.StartError.self) { try stall(text) }
  }

  @Test("blocks no other place, and nothing before its moment")
  func harmless() throws {
    let stall = try #require(try stall("reactor:2s"))
    stall.blockIfDue(.reclaimer, at: .max)
    stall.blockIfDue(.reactor, at: stall.moment - 1)
  }
}
