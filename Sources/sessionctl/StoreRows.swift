import SessionClient
import SessionctlKit

/// The rows of the statistics that tell of the store behind the cache.
enum StoreRows {
  static func rows(_ store: ServerStatistics.Store, now: Double = WallClock.secondsSince1970) -> [[String]] {
    var rows = [
      ["store", "\(store.kind), \(store.durability), \(state(store, now))"],
      [
        "unsaved",
        "\(Shown.count(store.unsaved)) sessions, at most \(Shown.count(store.queue)); "
          + "\(Shown.count(store.waiting)) requests wait for the store",
      ],
      [
        "loaded",
        "\(Shown.count(store.loads)) (\(Shown.count(store.loadHits)) found, \(Shown.count(store.loadMisses)) not)"
          + latency(store.load),
      ],
      [
        "saved",
        "\(Shown.count(store.saves)) in \(Shown.count(store.batches)) batches" + latency(store.batch),
      ],
      [
        "refused by it",
        "\(Shown.count(store.failures)) calls failed, \(Shown.count(store.conflicts)) conflicts, "
          + "\(Shown.count(store.damaged)) damaged records",
      ],
    ]
    if store.kind == "redis" {
      rows.append([
        "server",
        "\(Shown.count(store.roundTrips)) round trips, \(Shown.count(store.invalidations)) invalidations",
      ])
    }
    if let warm = store.warm { rows.append(["warm start", "\(Shown.count(warm)) sessions"]) }
    return rows
  }

  private static func state(_ store: ServerStatistics.Store, _ now: Double) -> String {
    guard store.reason != nil else { return store.state }
    let time = store.since.map { " for \(Shown.duration(max(0, now - $0)))" } ?? ""
    return store.state + time + (store.reason.map { ": \($0)" } ?? "")
  }

  private static func latency(_ latency: ServerStatistics.Store.Latency) -> String {
    latency.p99 > 0 ? ", p50 \(Shown.tenths(latency.p50)) µs, p99 \(Shown.tenths(latency.p99)) µs" : ""
  }
}
