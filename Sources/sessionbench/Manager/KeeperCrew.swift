/// Threads that do the same kind of work side by side.
struct KeeperCrew {
  private let threads: [KeeperThread]

  /// Starts them. `stop` must be called.
  init(_ count: Int) throws {
    var threads: [KeeperThread] = []
    do {
      for _ in 0..<count { threads.append(try KeeperThread()) }
    } catch {
      for thread in threads { thread.stop() }
      throw error
    }
    self.threads = threads
  }

  func stop() {
    for thread in threads { thread.stop() }
  }

  /// Lets each thread do one of the works.
  ///
  /// - Parameters:
  ///   - works: at most as many as there are threads.
  ///   - duration: after it they end; nothing: when all is done, so that each work must be one that ends.
  /// - Returns: nanoseconds from one operation to the next, of all threads together.
  func measure(
    _ contender: Contender, _ works: [KeeperWork], writesPercent: Int, for duration: Duration?
  ) async throws -> Double {
    precondition(works.count <= threads.count && !works.isEmpty)
    let flag = StopFlag()
    return try await withThrowingTaskGroup(of: KeeperWork.Tally.self) { group in
      // Also when something is thrown here: the group waits for its tasks.
      defer { flag.raise() }
      for (thread, work) in zip(threads, works) {
        group.addTask(executorPreference: thread) {
          try await contender.run(work, writesPercent: writesPercent, until: flag)
        }
      }
      if let duration {
        try await Task.sleep(for: duration)
        flag.raise()
      }
      var rate = 0.0
      for try await tally in group {
        rate += Double(tally.operations) / Double(max(1, tally.nanoseconds))
      }
      guard rate > 0 else { throw BenchmarkFailure("\(contender.kind.rawValue) has done nothing") }
      return 1 / rate
    }
  }
}
