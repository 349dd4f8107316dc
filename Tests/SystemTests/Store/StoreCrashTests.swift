import TestSupport
import Testing

@Suite(
  "With a store behind it, kill -9 of the daemon, of the server, or of both loses nothing that was acknowledged"
)
struct StoreCrashTests {
  /// 6 rounds, or 100 with SESSIOND_LONG_TESTS=1.
  private static let rounds = Programs.runsLongTests ? 100 : 6

  @Test(
    "killed again and again amid writes, with its segment kept or lost, it has every acknowledged write, whole",
    arguments: TestedStore.sqlite)
  func kills(store: TestedStore) throws { try killAgainAndAgain(store) }

  @Test(
    "so it has if its server is killed, or both are",
    .enabled(if: RedisServer.isPossible, "\(RedisServer.isWanted)"))
  func killsOfBoth() throws { try killAgainAndAgain(.redis) }

  private func killAgainAndAgain(_ store: TestedStore) throws {
    let seed = UInt64.random(in: 1...UInt64.max)
    try TemporaryDirectory.with { directory in
      let trial = try StoreTrial(store, in: directory, seed: seed)
      defer { trial.end() }
      let endings = StoreTrial.endings(of: store)
      for round in 0..<Self.rounds {
        let ending = endings[round % endings.count]
        do {
          try trial.round(ending)
        } catch {
          throw Failure("seed \(seed), round \(round), \(ending): \(error)\n\(trial.daemon.standardError)")
        }
      }
      #expect(trial.acknowledged > 40, "too little was done to tell anything")
      print("\(store.testDescription): \(trial.acknowledged) acknowledged, \(trial.unavailable) unavailable")
    }
  }

  @Test(
    "write-behind loses its segment at any instant: at most what was acknowledged in the last moment is undone"
  )
  func segmentLost() throws {
    let seed = UInt64.random(in: 1...UInt64.max)
    try TemporaryDirectory.with { directory in
      let trial = try StoreTrial(.sqliteBehind, in: directory, seed: seed)
      defer { trial.end() }
      for round in 0..<Self.rounds {
        do {
          try trial.round(.powerCut(seed: 0), microsecondsMost: 1 << 21)
        } catch {
          throw Failure("seed \(seed), round \(round): \(error)\n\(trial.daemon.standardError)")
        }
      }
      // What nothing is undone in would see nothing at all.
      #expect(trial.acknowledged > 40 && trial.undone > 0, "too little was done to tell anything")
    }
  }

  @Test(
    "the power fails: at most what was acknowledged in the last moment is undone, and by write-through nothing",
    .enabled(if: LossyFileSystem.isPossible, "\(LossyFileSystem.isWanted)"),
    arguments: [TestedStore.sqliteBehind, .sqliteThrough])
  func powerCuts(store: TestedStore) throws {
    let seed = UInt64.random(in: 1...UInt64.max)
    let trial = try cutPower(store, seed: seed, rounds: Self.rounds)
    print("\(store.testDescription): \(trial.acknowledged) acknowledged, undone of \(trial.undone) sessions")
    #expect(trial.acknowledged > 40, "too little was done to tell anything")
    // A trial that sees nothing undone where something must be would see nothing at all.
    #expect((trial.undone > 0) == !store.isThrough, "seed \(seed)")
  }

  @Test(
    "so it does not where nothing is synced: the trial would see it",
    .enabled(if: LossyFileSystem.isPossible, "\(LossyFileSystem.isWanted)"))
  func nothingIsSynced() throws {
    let library = try PowerLoss.nosync
    let seed = UInt64.random(in: 1...UInt64.max)
    let error = #expect(throws: Failure.self, "seed \(seed)") {
      _ = try cutPower(.sqliteThrough, environment: ["LD_PRELOAD": library], seed: seed, rounds: 6)
    }
    // It was there, and is not what was acknowledged.
    #expect(error?.description.contains("and should be") == true, "\(String(describing: error))")
  }

  /// What became of cuts amid writes: every other one leaves some of what was not synced.
  private func cutPower(
    _ store: TestedStore, environment: [String: String] = [:], seed: UInt64, rounds: Int
  ) throws -> (acknowledged: Int, undone: Int) {
    try TemporaryDirectory.with { directory in
      let files = try LossyFileSystem(in: directory)
      let trial = try StoreTrial(store, in: directory, files: files, environment: environment, seed: seed)
      defer { trial.end() }
      for round in 0..<rounds {
        do {
          try trial.round(
            .powerCut(seed: round % 2 == 0 ? 0 : seed &+ UInt64(round)), microsecondsMost: 1 << 21)
        } catch {
          throw Failure("seed \(seed), round \(round): \(error)\n\(trial.daemon.standardError)")
        }
      }
      return (trial.acknowledged, trial.undone)
    }
  }
}
