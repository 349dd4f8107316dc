/// A thread's part of a load.
final class LoadWorker: @unchecked Sendable {
  // Safe to share: one thread at a time is at it. Whoever lets another thread run it waits for that thread's end.
  private let loop: any RequestLoop
  private var latencies = Latencies()
  private var failure: (any Error)?

  init(_ loop: any RequestLoop) {
    self.loop = loop
  }

  func run(_ pacing: Pacing) {
    latencies = Latencies()
    do {
      try loop.run(pacing, &latencies)
    } catch {
      failure = error
    }
  }

  /// Of the last run.
  ///
  /// - Throws: what ended it early.
  func result() throws -> Latencies {
    if let failure { throw failure }
    return latencies
  }
}
