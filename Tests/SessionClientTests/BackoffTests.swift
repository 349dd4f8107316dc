import Testing

@testable import SessionClient

@Suite struct BackoffTests {
  @Test("pauses double up to the longest, and start anew after an answer")
  func doubling() {
    let now = ContinuousClock.now
    var backoff = Backoff()
    #expect(backoff.allowsAttempt(at: now))
    var pauses: [Duration] = []
    for _ in 0..<100 {
      backoff.failed(at: now, jitter: 1)
      pauses.append(now.duration(to: backoff.pausedUntil ?? now))
    }
    #expect(pauses[0] == Backoff.pauseMin)
    #expect(pauses[3] == Backoff.pauseMin * 8)
    #expect(pauses.last == Backoff.pauseMax)
    backoff.succeeded()
    #expect(backoff.allowsAttempt(at: now) && backoff.pausedUntil == nil)
    backoff.failed(at: now, jitter: 1)
    #expect(backoff.pausedUntil == now + Backoff.pauseMin)
    #expect(!backoff.allowsAttempt(at: now))
    #expect(backoff.allowsAttempt(at: now + Backoff.pauseMin))
  }

  @Test("jitter takes away at most half of the pause")
  func jitter() {
    let now = ContinuousClock.now
    for (jitter, part) in [(0.0, 0.5), (0.5, 0.75), (1, 1), (-3, 0.5), (7, 1)] {
      var backoff = Backoff()
      backoff.failed(at: now, jitter: jitter)
      #expect(backoff.pausedUntil == now + Backoff.pauseMin * part)
    }
  }
}
