/// A keeper that is measured: what is left of its type is how it does its work, so that the loop is made for each.
struct Contender: Sendable {
  let kind: KeeperKind
  /// Waits until nothing that it did is under way any more.
  let settle: @Sendable () async throws -> Void
  private let work: @Sendable (KeeperWork, Int, StopFlag) async throws -> KeeperWork.Tally

  init<Keeper: SessionKeeper>(
    _ kind: KeeperKind, _ keeper: Keeper, settle: @escaping @Sendable () async throws -> Void = {}
  ) {
    self.kind = kind
    self.settle = settle
    work = { work, writesPercent, flag in
      try await work.run(keeper, writesPercent: writesPercent, until: flag)
    }
  }

  func run(_ work: KeeperWork, writesPercent: Int, until flag: StopFlag) async throws -> KeeperWork.Tally {
    try await self.work(work, writesPercent, flag)
  }
}
