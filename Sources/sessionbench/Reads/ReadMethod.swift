/// One way to read a session's value.
protocol ReadMethod {
  /// Reads the value of each session: what is measured.
  ///
  /// - Throws: `BenchmarkFailure` if a value is not there or has not the length that it should have.
  nonisolated(nonsending) func read(_ ids: [String]) async throws

  /// Reads one value in the same way; the JSON text.
  nonisolated(nonsending) func text(_ id: String) async throws -> String?
}
