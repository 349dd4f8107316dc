import Synchronization
import SystemCalls
import Testing

@testable import SessionServer

@Suite("The wall clock")
struct WallClockTests {
  @Test("tells a moment alike although the clocks drift, follows when it is set, and knows the way back")
  func drift() {
    let lead = Mutex<Int64>(1_700_000_000_000_000_000)
    let wallClock = WallClock(
      BootClock(now: { 5_000_000_000 }, wallClock: { lead.withLock { $0 } + 5_000_000_000 }))
    #expect(wallClock.time(of: 3_000_000_000) == 1_700_000_003_000_000_000)
    lead.withLock { $0 += 9_999_999 }
    #expect(wallClock.time(of: 3_000_000_000) == 1_700_000_003_000_000_000)
    #expect(wallClock.moment(of: 1_700_000_003_000_000_000) == 3_000_000_000)
    lead.withLock { $0 -= 3_600_000_000_000 }
    #expect(wallClock.time(of: 3_000_000_000) == 1_699_996_403_010_000_000)
    #expect(wallClock.time(of: 3_000_400_000) == 1_699_996_403_010_000_000)
    #expect(wallClock.time(of: 3_000_600_000) == 1_699_996_403_011_000_000)
    #expect(wallClock.moment(of: 0) == -1_699_996_400_009_999_999)
  }
}
