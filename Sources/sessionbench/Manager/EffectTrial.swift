import SessionClient

/// Sessions that are used again and again: found in a cache, or else loaded from the store and put there.
struct EffectTrial {
  /// What came of it.
  struct Outcome: Equatable {
    var uses = 0
    var hits = 0
    /// Of all uses together, without the gaps.
    var nanoseconds: Int64 = 0

    var ratio: Double { Double(hits) / Double(max(1, uses)) }
    var microsecondsPerUse: Double { Double(nanoseconds) / Double(max(1, uses)) / 1000 }
  }

  let cache: any SessionStoring
  let store: SimpleMutex
  /// Lets the time of the cache go on by so many nanoseconds.
  let pass: (Int64) async throws -> Void

  /// Uses each of the sessions once after each gap.
  ///
  /// - Parameter idle: the idle time that a session gets, in milliseconds.
  func run(_ ids: [String], idle: Int, gaps: [Int64]) async throws -> Outcome {
    var outcome = Outcome()
    var stopwatch = Stopwatch()
    for gap in gaps {
      try await pass(gap)
      stopwatch.start()
      for id in ids {
        if try await use(id, idle: idle) { outcome.hits += 1 }
      }
      stopwatch.stop()
      outcome.uses += ids.count
    }
    outcome.nanoseconds = stopwatch.nanoseconds
    return outcome
  }

  /// Whether it was in the cache.
  private func use(_ id: String, idle: Int) async throws -> Bool {
    if let value = try await cache.get(id, SessionShape.valueKey, as: String.self) {
      guard value.utf8.count == SessionShape.valueBytes else { throw BenchmarkFailure.wrong(id) }
      return true
    }
    let value = try load(id)
    _ = try await cache.set(
      id, SessionShape.valueKey, value, ifVersion: nil, ttl: .milliseconds(idle))
    return false
  }

  private func load(_ id: String) throws -> String {
    guard let record = try store.load(id) else { throw BenchmarkFailure.wrong(id) }
    return record.profile
  }

  /// What so many uses take without any cache.
  func withoutCache(_ ids: [String], uses: Int) throws -> Outcome {
    var stopwatch = Stopwatch()
    stopwatch.start()
    for number in 0..<uses { _ = try load(ids[number % ids.count]) }
    stopwatch.stop()
    return Outcome(uses: uses, nanoseconds: stopwatch.nanoseconds)
  }
}
