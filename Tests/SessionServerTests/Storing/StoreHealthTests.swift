import Testing

@testable import SessionServer

@Suite("The health of the store")
struct StoreHealthTests {
  private let second: Int64 = 1_000_000_000

  @Test("is news once when the store goes and once when it is back")
  func newsOnce() {
    var health = StoreHealth()
    check(health.mayLoad(isShared: true))
    check(health.fail("cut", .loading, at: 0, chance: 0))
    check(!health.fail("cut", .saving, at: 0, chance: 0))
    check(health.isAway)
    check(!health.mayLoad(isShared: false))
    health.failAgain("refused", at: second, chance: 0)
    check(health.trouble?.reason == "refused")
    health.reopened(at: 2 * second)
    check(!health.isAway)
    check(health.mayLoad(isShared: true))
    check(health.succeed(.loading, at: 3 * second) == 3 * second)
    check(health.phase == .ok)
    check(health.succeed(.loading, at: 4 * second) == nil)
  }

  @Test("knows a store that is there and takes nothing until one change is taken well after the last refusal")
  func reluctance() {
    var health = StoreHealth()
    check(health.refuse("full", at: second))
    check(!health.refuse("busy", at: 2 * second))
    check(health.reluctance == .init(since: second, last: 2 * second, reason: "busy"))
    check(health.mayLoad(isShared: true))
    check(health.take(at: 7 * second - 1) == nil)
    check(health.take(at: 7 * second) == 6 * second)
    check(health.reluctance == nil)
    check(health.take(at: 20 * second) == nil)
    check(health.refuse("full", at: 30 * second))
    check(health.fail("cut", .loading, at: 31 * second, chance: 0))
    check(health.reluctance == nil)
    check(!health.refuse("full", at: 32 * second))
    check(health.reluctance == nil)
  }

  @Test("tries again after pauses that double up to five seconds, with a quarter more by chance")
  func backoff() {
    let pauses = (1...9).map { StoreHealth.pause(afterFailures: $0, chance: 0) / 1_000_000 }
    check(pauses == [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000])
    check(StoreHealth.pause(afterFailures: 1, chance: 1) == 125_000_000)
    check(StoreHealth.pause(afterFailures: .max, chance: 0.5) == 5_625_000_000)
  }

  @Test("does not begin anew with short pauses where it opens and fails again at once")
  func relapse() {
    var health = StoreHealth()
    _ = health.fail("no space", .saving, at: 0, chance: 0)
    for round in 1...5 {
      health.reopened(at: Int64(round) * second)
      check(!health.fail("no space", .saving, at: Int64(round) * second, chance: 0))
    }
    check(health.retryAt == 5 * second + 3_200_000_000)
  }

  @Test("lets a store of our own be read that takes nothing, and a shared one not")
  func readOnly() {
    var health = StoreHealth()
    _ = health.fail("no space", .saving, at: 0, chance: 0)
    check(health.mayLoad(isShared: false))
    check(!health.mayLoad(isShared: true))
    // That it can be read does not show that it takes something again.
    health.reopened(at: second)
    check(health.succeed(.loading, at: second) == nil)
    check(health.isOnTrial)
    check(health.succeed(.saving, at: 2 * second) == 2 * second)
  }

  @Test("counts as silent once it does not answer either")
  func silent() {
    var health = StoreHealth()
    _ = health.fail("no space", .saving, at: 0, chance: 0)
    _ = health.fail("gone", .loading, at: 0, chance: 0)
    check(!health.mayLoad(isShared: false))
  }
}
