/// What was measured, round by round: nanoseconds from one operation to the next.
struct SpeedResults {
  private var rounds: [SpeedRow: [KeeperKind: [Double]]] = [:]

  mutating func note(_ row: SpeedRow, _ kind: KeeperKind, nanoseconds: Double) {
    rounds[row, default: [:]][kind, default: []].append(nanoseconds)
  }

  /// Nothing where it was not measured.
  func nanoseconds(_ row: SpeedRow, _ kind: KeeperKind) -> RoundSpread? {
    RoundSpread(rounds[row]?[kind] ?? [])
  }

  /// How many times as fast as the baseline, round by round, so that both have met the same noise. Nothing for the
  /// baseline itself.
  func factor(_ row: SpeedRow, _ kind: KeeperKind) -> RoundSpread? {
    guard kind != .simpleMutex, let own = rounds[row]?[kind], let baseline = rounds[row]?[.simpleMutex] else {
      return nil
    }
    return RoundSpread(zip(baseline, own).map { $0 / $1 })
  }
}
