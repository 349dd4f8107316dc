import SystemCalls
import TestSupport
import Testing

@Suite("Adaptive polling")
struct AdaptivePollingTests {
  /// One who waits for messages as his polling says.
  private struct Waiter {
    var polling: AdaptivePolling
    /// Nanoseconds that being woken takes him.
    var wakeUp: UInt64
    var now: UInt64 = 0
    var looks = 0
    /// Messages within the budget while he looked, and nanoseconds of looks for others.
    var hits: UInt64 = 0
    var lost: UInt64 = 0

    init(budget: UInt64, wakeUp: UInt64 = 0) {
      polling = AdaptivePolling(budget: budget)
      self.wakeUp = wakeUp
    }

    /// - Parameter gap: from when he began to wait to when the message was there.
    /// - Returns: from when he began to wait to when he had it.
    @discardableResult
    mutating func wait(for gap: UInt64) -> UInt64 {
      let patience = polling.patience
      if patience > 0 { looks += 1 }
      let isFound = patience > 0 && gap <= patience
      let whole = isFound ? gap : gap + wakeUp
      if isFound {
        if gap <= polling.budget { hits += 1 } else { lost += gap }
      } else if patience > 0 {
        lost += patience
        polling.foundNothing()
      }
      now += whole
      polling.came(after: whole, isFound: isFound, at: Int64(now))
      return whole
    }

    /// Others had the processor.
    mutating func beHeldUp(for nanoseconds: UInt64) {
      now += nanoseconds
      polling.heldUp(for: nanoseconds)
      polling.came(after: nanoseconds, isFound: false, at: Int64(now))
    }

    /// Nanoseconds that may be lost at most, as the documentation has it, and one look.
    var allowance: UInt64 {
      let look = polling.budget + AdaptivePolling.wakeUps / 2
      return hits * AdaptivePolling.savedByHit + now / AdaptivePolling.idleShare
        + (AdaptivePolling.looksInPurse + 1) * look
    }

    /// Close messages until it looks, and nanoseconds that they took.
    mutating func untilLook(gap: UInt64 = 1000) -> (messages: Int, time: UInt64) {
      let began = now
      for count in 0..<10_000_000 {
        if polling.patience > 0 { return (count, now - began) }
        wait(for: gap)
      }
      return (.max, .max)
    }
  }

  private static let budgets: [UInt64] = [1, 1_000, 20_000, 50_000, 1_000_000]

  @Test("never looks when the gaps are longer than the budget and the wake-ups", arguments: budgets)
  func longGaps(budget: UInt64) {
    var random = SplitMix64(seed: budget)
    var waiter = Waiter(budget: budget)
    for _ in 0..<10_000 {
      waiter.wait(for: budget + AdaptivePolling.wakeUps + 1 + UInt64(random.length(most: 1 << 40)))
    }
    #expect(waiter.looks == 0)
  }

  @Test("never looks without a budget, however close the messages")
  func noBudget() {
    var waiter = Waiter(budget: 0)
    for _ in 0..<10_000 { waiter.wait(for: 0) }
    waiter.polling.foundNothing()
    waiter.beHeldUp(for: 1_000_000)
    #expect(waiter.looks == 0 && waiter.polling.patience == 0)
  }

  @Test("looks after some close messages in a row, for the budget once one came in it", arguments: budgets)
  func closeGaps(budget: UInt64) {
    var waiter = Waiter(budget: budget, wakeUp: 1)
    for _ in 0..<AdaptivePolling.streakLeast {
      #expect(waiter.polling.patience == 0)
      waiter.wait(for: budget)
    }
    #expect(waiter.polling.patience == budget + AdaptivePolling.wakeUps / 2)
    for _ in 0..<10_000 {
      waiter.wait(for: budget)
      #expect(waiter.polling.patience == budget)
    }
    #expect(waiter.hits == 10_000 && waiter.lost == 0)
  }

  @Test("begins anew to count when a long gap comes between")
  func brokenStreak() {
    var waiter = Waiter(budget: 20_000)
    for _ in 0..<1000 {
      for _ in 1..<AdaptivePolling.streakLeast { waiter.wait(for: 1000) }
      waiter.wait(for: 200_000)
    }
    #expect(waiter.looks == 0)
  }

  @Test("bears some looks in vain while the others find something")
  func rareMisses() {
    var waiter = Waiter(budget: 20_000)
    waiter.wait(for: 1000)
    for _ in 0..<1000 {
      for _ in 0..<40 { waiter.wait(for: 1000) }
      waiter.wait(for: 90_000)
    }
    #expect(waiter.hits >= 39_900)
  }

  @Test("loses no more than what the others save, a small part of the time and a purse", arguments: 0..<40)
  func bounded(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let budget = Self.budgets[random.pick(Self.budgets.count)]
    var waiter = Waiter(budget: budget, wakeUp: UInt64(random.pick(60_000)))
    for _ in 0..<50 {
      // How many gaps are of which kind, for a while.
      let kinds = (0..<4).map { _ in random.pick(4) == 0 ? 1 + random.pick(1000) : 1 + random.pick(10) }
      for _ in 0..<random.length(most: 4000) {
        let most: UInt64
        switch random.pick(kinds.reduce(1, +)) {
        case 0..<kinds[0]: most = budget
        case ..<(kinds[0] + kinds[1]): most = budget + AdaptivePolling.wakeUps
        case ..<(kinds[0] + kinds[1] + kinds[2]): most = 100 * (budget + AdaptivePolling.wakeUps)
        default: most = 20_000
        }
        waiter.wait(for: UInt64(random.pick(Int(most) + 1)))
      }
      #expect(waiter.lost <= waiter.allowance, "seed \(seed)")
    }
  }

  @Test("looks for a small part of the time for a peer who sleeps and is slow to wake")
  func slowPeer() {
    var waiter = Waiter(budget: 20_000, wakeUp: 30_000)
    for _ in 0..<100_000 { waiter.wait(for: 80_000) }
    #expect(waiter.hits == 0 && waiter.looks > 0)
    #expect(waiter.lost < waiter.now / 50)
  }

  @Test("brings two to look who both slept", arguments: [2_000, 10_000, 20_000, 30_000, 45_000] as [UInt64])
  func bothSleep(wakeUp: UInt64) {
    var client = Waiter(budget: 50_000, wakeUp: wakeUp)
    var server = Waiter(budget: 20_000, wakeUp: wakeUp)
    // How long each has waited when the other sends.
    var untilRequest: UInt64 = 1_000_000_000
    func exchange(_ count: Int) {
      for _ in 0..<count {
        let served = server.wait(for: untilRequest) - untilRequest + 3_000
        let answered = client.wait(for: served)
        untilRequest = answered - served + 2_000
      }
    }
    exchange(100)
    #expect(client.polling.patience == 50_000 && server.polling.patience == 20_000)
    let before = (client.hits, server.hits)
    exchange(1000)
    #expect(client.hits == before.0 + 1000 && server.hits == before.1 + 1000)
  }

  @Test("sleeps for long enough, where others want the processor, to lose a small part of the time")
  func heldUp() {
    var waiter = Waiter(budget: 20_000)
    _ = waiter.untilLook()
    var lost: UInt64 = 0
    let began = waiter.now
    for _ in 0..<20 {
      waiter.beHeldUp(for: 3_000_000)
      lost += 3_000_000
      let (messages, time) = waiter.untilLook()
      #expect(messages > AdaptivePolling.streakLeast)
      #expect(time > 64 * 3_000_000)
    }
    #expect(lost * 50 < waiter.now - began)
    // However long it was.
    waiter.beHeldUp(for: .max >> 2)
    let rest = AdaptivePolling.idleShare * (AdaptivePolling.debtMost + AdaptivePolling.looksInPurse * 70_000)
    #expect(waiter.untilLook().time <= rest + 5_000)
  }

  @Test("looks again at once after a pause, when the purse has filled")
  func pause() {
    var waiter = Waiter(budget: 20_000)
    for _ in 0..<1000 { waiter.wait(for: 100_000) }
    #expect(waiter.untilLook().messages > AdaptivePolling.streakLeast)
    for _ in 0..<1000 { waiter.wait(for: 100_000) }
    waiter.wait(for: 1_000_000_000)
    #expect(waiter.untilLook().messages == AdaptivePolling.streakLeast)
  }

  @Test("takes the largest numbers, and a clock that goes back")
  func extremes() {
    var polling = AdaptivePolling(budget: .max)
    #expect(polling.budget == AdaptivePolling.budgetMost)
    for moment in [0, .max, .min, .max, 0, -1, 1] as [Int64] {
      for gap in [0, .max, 1] as [UInt64] {
        polling.came(after: gap, isFound: true, at: moment)
        polling.foundNothing()
        polling.heldUp(for: .max)
      }
    }
  }
}
