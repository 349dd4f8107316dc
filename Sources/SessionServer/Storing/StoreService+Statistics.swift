import SessionCache
import SessionStore
import Synchronization
import SystemCalls

/// What STATS, METRICS and STATUS= tell of the store.
extension StoreService {
  /// nil: all is well.
  var statusText: String? {
    let now = clock.now()
    let (trouble, reluctance) = withState { ($0.health.trouble, $0.health.reluctance) }
    if let trouble { return "the store is away: \(trouble.reason)" }
    if let reluctance { return "the store takes no changes: \(reluctance.reason)" }
    let since = [
      counters.loadingSince.load(ordering: .relaxed), counters.savingSince.load(ordering: .relaxed),
    ]
    guard let first = since.filter({ $0 > 0 }).min(), now - first > 2 * timeout else { return nil }
    return "the store does not answer in time"
  }

  var numbers: StoreNumbers {
    let (health, waiting) = withState { ($0.health, $0.waitingCount) }
    let warmed = counters.warmed.load(ordering: .relaxed)
    return StoreNumbers(
      kind: report.kind, durability: makesPlans ? "through" : "behind",
      condition: condition(health),
      unsaved: cache.unsavedCount, queueMost: counters.queueMost.load(ordering: .relaxed), waiting: waiting,
      loads: counters.loads.load(ordering: .relaxed), loadHits: counters.loadHits.load(ordering: .relaxed),
      loadMisses: counters.loadMisses.load(ordering: .relaxed),
      saves: counters.saves.load(ordering: .relaxed), batches: counters.batches.load(ordering: .relaxed),
      conflicts: counters.conflicts.load(ordering: .relaxed),
      failures: counters.failures.load(ordering: .relaxed), own: store.statistics,
      load: counters.loadLatency.summary, batch: counters.batchLatency.summary,
      warmed: warmed < 0 ? nil : warmed)
  }

  private func condition(_ health: StoreHealth) -> StoreNumbers.Condition {
    switch (health.trouble, health.reluctance) {
    case (let trouble?, _): .away(trouble.reason, since: wallClock.time(of: trouble.since))
    case (nil, let reluctance?): .refusing(reluctance.reason, since: wallClock.time(of: reluctance.since))
    case (nil, nil): .ok
    }
  }
}
