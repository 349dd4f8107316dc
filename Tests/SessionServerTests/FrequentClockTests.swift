import SystemCalls
import Testing

@Suite("The clock for frequent use") struct FrequentClockTests {
  @Test("tells a moment that has come, not long ago, and never goes back for one who asks")
  func recent() {
    let clock = FrequentClock()
    var last = Int64.min
    for _ in 0..<100_000 {
      let before = BootClock.system.now()
      let moment = clock.recent()
      #expect(moment <= BootClock.system.now())
      // Far longer than any kernel's tick.
      #expect(moment > before - 5_000_000_000)
      #expect(moment >= last)
      last = moment
    }
  }
}
