import Linearizability
import TestSupport
import Testing

@Suite("The checker and histories of thousands of operations")
struct LargeHistoryTests {
  /// Eight operations at a time, on average.
  private static let spread = 800

  @Test("takes a history of 4,000 operations, eight at a time, within a few configurations for each")
  func good() {
    for seed in UInt64(1)...3 {
      var simulation = StoreSimulation(seed: seed)
      let history = simulation.history(count: 4_000, spread: Self.spread, lost: 0)
      #expect(LinearizabilityChecker(configurationsMost: 40_000).check(history).isLinearizable)
    }
  }

  @Test("takes one with 40 lost replies that may take effect at any later time")
  func lostReplies() {
    for seed in UInt64(1)...3 {
      var simulation = StoreSimulation(seed: seed)
      var history = simulation.history(count: 2_000, spread: Self.spread, lost: 2)
      for place in history.indices where history[place].outcome == nil { history[place].end = .max }
      #expect(LinearizabilityChecker(configurationsMost: 100_000).check(history).isLinearizable)
    }
  }

  @Test("takes histories of two and three ids that are renamed and revoked", arguments: [2, 3])
  func renames(ids: Int) {
    for seed in UInt64(1)...20 {
      var simulation = StoreSimulation(seed: seed)
      let histories = simulation.histories(
        of: (0..<ids).map { "s\($0)" }, count: 300, spread: Self.spread, lost: 1, changesIDs: 80)
      let verdict = LinearizabilityChecker(configurationsMost: 20_000).check(histories)
      #expect(verdict.isLinearizable, "seed \(seed): \(verdict)")
    }
  }

  @Test("rejects one with a single value that was never written")
  func bad() throws {
    for seed in UInt64(1)...3 {
      var simulation = StoreSimulation(seed: seed)
      var history = simulation.history(count: 4_000, spread: Self.spread, lost: 0)
      let place = try #require(
        history.lastIndex {
          guard case .value(.some) = $0.outcome else { return false }
          return true
        })
      history[place].outcome = .value("\"nobody wrote this\"")
      let verdict = LinearizabilityChecker(configurationsMost: 100_000).check(history)
      guard case .notLinearizable = verdict else {
        Issue.record("seed \(seed): \(verdict)")
        continue
      }
    }
  }

  @Test("gives up where it is told to, and says so")
  func givesUp() {
    var simulation = StoreSimulation(seed: 1)
    let history = simulation.history(count: 500, spread: Self.spread, lost: 0)
    let verdict = LinearizabilityChecker(configurationsMost: 10).check(history)
    #expect(verdict == .undecided(configurations: 11))
  }
}
