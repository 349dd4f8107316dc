/// One way to keep sessions, for the same operations on each.
protocol SessionKeeper: Sendable {
  /// The text of the session's value, `SessionShape.valueKey`; nothing where there is none.
  nonisolated(nonsending) func read(_ id: String) async throws -> String?

  /// Sets it.
  nonisolated(nonsending) func write(_ id: String, _ value: String) async throws
}
