/// Where the events of one iteration come from.
protocol EventSource: Sendable {
  /// Begins to watch, if that was not done yet; the number of the last event that there was then.
  nonisolated(nonsending) func begin() async throws -> Int

  /// The next event. It waits for one, and throws when no more will come. Called by one task at a time.
  nonisolated(nonsending) func next() async throws -> SessionEvent

  /// Lets go of everything. Nobody waits.
  func stop()
}
