import Logging
import SystemCalls
import Testing

@testable import SessionServer

@Suite("The log of what was denied")
struct DeniedLogTests {
  private func peer(_ uid: UInt32, pid: Int32 = 7) -> PeerCredentials {
    PeerCredentials(pid: pid, uid: uid, gid: 1)
  }

  @Test("names user, process and reason, of each user once a minute, and then how often it was before")
  func onceAMinute() {
    let (log, clock) = (RecordedLog(), MovedClock())
    let denied = DeniedLog(log.logger, clock: clock.clock)
    denied.log(peer(1000), "no")
    denied.log(peer(1000, pid: 8), "no")
    denied.log(peer(1001), "neither")
    clock.advance(seconds: 59.9)
    denied.log(peer(1000), "no")
    #expect(
      log.messages(.notice) == [
        "user 1000 (pid 7) was denied a request: no", "user 1001 (pid 7) was denied a request: neither",
      ])
    clock.advance(seconds: 0.1)
    denied.log(peer(1000, pid: 9), "again")
    denied.log(peer(1001), "again")
    #expect(
      log.messages(.notice).suffix(2) == [
        "user 1000 (pid 9) was denied a request: again (and 2 times before)",
        "user 1001 (pid 7) was denied a request: again",
      ])
    #expect(log.messages(from: .trace).count == 4)
  }

  @Test("tells 1,024 users apart, takes all others for one, and forgets those whose minute is over")
  func bounded() {
    let (log, clock) = (RecordedLog(), MovedClock())
    let denied = DeniedLog(log.logger, clock: clock.clock)
    for uid in 0..<2000 as Range<UInt32> { denied.log(peer(uid), "no") }
    #expect(log.messages(.notice).count == 1025)
    denied.log(peer(5), "no")
    #expect(log.messages(.notice).count == 1025)
    clock.advance(seconds: 60)
    for uid in 5000..<6000 as Range<UInt32> { denied.log(peer(uid), "no") }
    #expect(log.messages(.notice).count == 2025)
  }
}
