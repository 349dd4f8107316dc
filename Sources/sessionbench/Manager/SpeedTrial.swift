/// All who are measured, and what they are measured with.
struct SpeedTrial {
  /// Those whose sessions are in memory, where they have one.
  let warm: [Contender]
  /// Those that must go to the store for each session.
  let cold: [Contender]
  /// How many loads from the store the daemon of the latter has counted.
  let loads: () async throws -> Int
  let crew: KeeperCrew
  /// For each thread of the crew.
  let works: [KeeperWork]
  /// The sessions that are not in memory, once each.
  let coldWork: KeeperWork
  /// How long a turn takes, and for how long a daemon is written to before that: so that its store is at it as well.
  let turn: Duration
  let lead: Duration

  /// Everything has its turn once, each time in another order.
  func round(_ number: Int, into results: inout SpeedResults) async throws {
    for row in SpeedRow.allCases {
      let contenders = row == .uncachedRead ? cold : warm
      for place in contenders.indices {
        let contender = contenders[(place + number) % contenders.count]
        let time = try await row == .uncachedRead ? uncached(contender) : inMemory(row, contender)
        results.note(row, contender.kind, nanoseconds: time)
        try await contender.settle()
      }
    }
  }

  private func inMemory(_ row: SpeedRow, _ contender: Contender) async throws -> Double {
    let works = row == .concurrent ? works : Array(works.prefix(1))
    if row.writesPercent > 0, contender.kind == .mapping || contender.kind == .socket {
      _ = try await crew.measure(contender, works, writesPercent: row.writesPercent, for: lead)
    }
    return try await crew.measure(contender, works, writesPercent: row.writesPercent, for: turn)
  }

  private func uncached(_ contender: Contender) async throws -> Double {
    let before = try await loads()
    let time = try await crew.measure(contender, [coldWork], writesPercent: 0, for: nil)
    let loaded = try await loads() - before
    guard contender.kind == .simpleMutex || loaded >= coldWork.ids.count else {
      throw BenchmarkFailure(
        "\(loaded) of \(coldWork.ids.count) reads went to the store: are the sessions in the daemon's memory?"
      )
    }
    return time
  }
}
