import Linearizability
import TestSupport
import Testing

@Suite("The checker against every order")
struct BruteForceTests {
  /// How many were taken, and how many were not.
  private struct Count {
    var accepted = 0
    var rejected = 0
  }

  private func compare(
    _ histories: [String: [Operation]], wasMadeInOrder: Bool, _ place: String, _ count: inout Count
  ) {
    let expected = BruteForce.isLinearizable(histories)
    let verdict = LinearizabilityChecker().check(histories)
    let text = histories.sorted { $0.key < $1.key }.map { id, history in
      "\(id):\n" + history.map { "  \($0)" }.joined(separator: "\n")
    }.joined(separator: "\n")
    #expect(verdict.isLinearizable == expected, "\(place):\n\(text)\n\(verdict)")
    if verdict.isLinearizable { count.accepted += 1 } else { count.rejected += 1 }
    if wasMadeInOrder { #expect(expected, "\(place) was made in order:\n\(text)") }
  }

  @Test("Of thousands of small random histories it takes those that some order explains, and no others")
  func agreesWithEveryOrder() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var simulation = StoreSimulation(seed: seed)
    var count = Count()
    for round in 0..<6_000 {
      var history = simulation.history(
        count: 2 + round % 6, spread: 50 + simulation.pick(500), lost: 20 * (round % 3))
      if round % 4 > 0 { simulation.spoil(&history) }
      compare(["": history], wasMadeInOrder: round % 4 == 0, "seed \(seed), round \(round)", &count)
    }
    #expect(count.accepted > 1_000, "seed \(seed)")
    #expect(count.rejected > 1_000, "seed \(seed)")
  }

  @Test(
    "the same where ids are renamed, with and without a grace, and revoked",
    arguments: [["x"], ["x", "y"], ["x", "y", "z"]])
  func agreesWithEveryOrderOfIDs(ids: [String]) {
    let seed = UInt64.random(in: 0...UInt64.max)
    var simulation = StoreSimulation(seed: seed)
    var count = Count()
    for round in 0..<6_000 {
      var histories = simulation.histories(
        of: ids, count: 2 + round % 6, spread: 50 + simulation.pick(400), lost: 15 * (round % 3),
        changesIDs: 8)
      if round % 4 > 0 { simulation.spoil(&histories) }
      compare(
        histories, wasMadeInOrder: round % 4 == 0, "seed \(seed), ids \(ids), round \(round)", &count)
    }
    #expect(count.accepted > 1_000, "seed \(seed)")
    #expect(count.rejected > 1_000, "seed \(seed)")
  }
}
