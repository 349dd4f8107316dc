import SystemCalls
import TestSupport

/// What one thread does: operations on sessions, one after the other.
struct KeeperWork: Sendable {
  /// How many operations took how long.
  struct Tally: Sendable {
    var operations: Int
    var nanoseconds: Int64
  }

  /// The sessions, in the order of their use.
  let ids: [String]
  /// Whether it ends with the last one, and does not begin anew.
  let isOnce: Bool
  /// Of the choice between reads and writes.
  let seed: UInt64
  /// What is written: of the length of what is read.
  let value: String

  /// - Parameter ids: one at least.
  init(_ ids: [String], isOnce: Bool = false, seed: UInt64) {
    self.ids = ids
    self.isOnce = isOnce
    self.seed = seed
    value = SessionShape.value(SessionShape.id(Int(truncatingIfNeeded: seed)))
  }

  /// - Parameters:
  ///   - writesPercent: of the operations, chosen at random; the others are reads.
  ///   - flag: ends it after the operation at hand.
  /// - Throws: `BenchmarkFailure` if a value is not there or has not the length that it should have.
  nonisolated(nonsending) func run<Keeper: SessionKeeper>(
    _ keeper: Keeper, writesPercent: Int, until flag: StopFlag
  ) async throws -> Tally {
    var random = SplitMix64(seed: seed)
    let share = UInt64(writesPercent)
    var operations = 0
    var place = 0
    let start = BootClock.system.now()
    while !flag.isRaised {
      let id = ids[place]
      if share > 0, random.next() % 100 < share {
        try await keeper.write(id, value)
      } else {
        guard try await keeper.read(id)?.utf8.count == SessionShape.valueBytes else {
          throw BenchmarkFailure.wrong(id)
        }
      }
      operations += 1
      place += 1
      guard place == ids.count else { continue }
      if isOnce { break }
      place = 0
    }
    return Tally(operations: operations, nanoseconds: BootClock.system.now() - start)
  }
}
