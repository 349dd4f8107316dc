import Logging
import Testing

@testable import SessionServer

@Suite("A rate-limited log")
struct RateLimitedLogTests {
  @Test("says a thing once a minute, and then how often it came up before")
  func onceAMinute() {
    let (log, clock) = (RecordedLog(), MovedClock())
    let limited = RateLimitedLog(log.logger, level: .warning, clock: clock.clock)
    limited.log("full")
    for _ in 0..<10 {
      clock.advance(seconds: 5.9)
      limited.log("full")
    }
    #expect(log.messages(.warning) == ["full"])
    clock.advance(seconds: 1)
    limited.log("full")
    #expect(log.messages(.warning) == ["full", "full (and 10 times before)"])
    clock.advance(seconds: 60)
    limited.log("full")
    #expect(log.messages(.warning).last == "full")
    #expect(log.messages(from: .trace).count == 3)
  }

  @Test("does not make up a message that is not said")
  func laziness() {
    let (log, clock) = (RecordedLog(), MovedClock())
    let limited = RateLimitedLog(log.logger, level: .error, clock: clock.clock)
    var times = 0
    func message() -> String {
      times += 1
      return "message \(times)"
    }
    for _ in 0..<100 { limited.log(message()) }
    #expect(times == 1)
    #expect(log.messages(.error) == ["message 1"])
  }
}
