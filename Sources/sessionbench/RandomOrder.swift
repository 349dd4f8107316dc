import SystemCalls
import TestSupport

/// Numbers of sessions in random order, another one in each process.
struct RandomOrder {
  let sessions: Int
  let seed: UInt64
  private var random: SplitMix64

  init(sessions: Int) {
    self.sessions = sessions
    seed = UInt64(truncatingIfNeeded: BootClock.system.now())
    random = SplitMix64(seed: seed)
  }

  mutating func next() -> Int { Int.random(in: 0..<sessions, using: &random) }
}
