import Linearizability
import TestSupport
import Testing

@Suite("The checker against every order")
struct BruteForceTests {
  @Test("Of thousands of small random histories it takes those that some order explains, and no others")
  func agreesWithEveryOrder() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var simulation = StoreSimulation(seed: seed)
    var accepted = 0
    var rejected = 0
    for round in 0..<6_000 {
      var history = simulation.history(
        count: 2 + round % 6, spread: 50 + simulation.pick(500), lost: 20 * (round % 3))
      if round % 4 > 0 { simulation.spoil(&history) }
      let expected = BruteForce.isLinearizable(history)
      let verdict = LinearizabilityChecker().check(history)
      #expect(
        verdict.isLinearizable == expected,
        "seed \(seed), round \(round):\n\(history.map { "\($0)" }.joined(separator: "\n"))")
      if verdict.isLinearizable { accepted += 1 } else { rejected += 1 }
      if round % 4 == 0 { #expect(expected, "seed \(seed), round \(round) was made in order") }
    }
    #expect(accepted > 1_000, "seed \(seed)")
    #expect(rejected > 1_000, "seed \(seed)")
  }
}
