/// Memory before, with and after the sessions. Pure.
struct MemoryTable {
  let before: MemorySample
  let with: MemorySample
  let after: MemorySample
  /// The growth that is allowed, in bytes.
  let growthMost: Int

  private static let titleWidth = 32
  private static let width = 12
  /// The part of the growth that must be given back: pages of the index are kept while they are few.
  static let givenBackLeast = 0.9

  private static let columns: [(name: String, value: @Sendable (MemorySample) -> Int)] = [
    ("used", { $0.used }), ("reserved", { $0.reserved }), ("shared", { $0.shared }),
    ("resident", { $0.resident }),
  ]

  /// Whether so much is back that nothing more need be waited for.
  static func isGivenBack(_ before: MemorySample, _ with: MemorySample, _ after: MemorySample) -> Bool {
    columns.dropLast().allSatisfy { part($0.value, before, with, after) >= givenBackLeast }
  }

  private static func part(
    _ value: (MemorySample) -> Int, _ before: MemorySample, _ with: MemorySample, _ after: MemorySample
  ) -> Double {
    let growth = value(with) - value(before)
    return growth > 0 ? Double(value(with) - value(after)) / Double(growth) : 1
  }

  var lines: [String] {
    let sessions = with.sessions - before.sessions
    let growths = Self.columns.map { Double($0.value(with) - $0.value(before)) }
    let returns = Self.columns.map { Self.part($0.value, before, with, after) }
    let verdicts = returns.dropLast().map { $0 >= Self.givenBackLeast ? "met" : "short" }
    return [
      line("bytes", Self.columns.map(\.name)),
      line("before", Self.columns.map { "\($0.value(before))" }),
      line("with \(sessions) sessions", Self.columns.map { "\($0.value(with))" }),
      line("after they expired", Self.columns.map { "\($0.value(after))" }),
      line("growth, MB", growths.map { ColumnText.decimals($0 / 1e6, 2) }),
      line(
        "at most \(ColumnText.decimals(Double(growthMost) / 1e6, 1)) MB",
        growths.map { $0 <= Double(growthMost) ? "met" : "short" }),
      line(
        "growth, bytes a session", growths.map { ColumnText.decimals($0 / Double(max(1, sessions)), 0) }),
      line("given back, %", returns.map { ColumnText.decimals($0 * 100, 1) }),
      // What else is resident, such as the list of the sessions that ended last, is no session.
      line("at least \(ColumnText.decimals(Self.givenBackLeast * 100, 0)) %", verdicts + ["-"]),
    ]
  }

  private func line(_ title: String, _ cells: [String]) -> String {
    ColumnText.row(title, Self.titleWidth, cells, Self.width)
  }
}
