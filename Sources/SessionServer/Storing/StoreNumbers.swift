import SessionStore
import SessionWire

/// The store in numbers, as STATS and METRICS tell them.
struct StoreNumbers {
  /// Whether it can be asked; if not, why, and since when in nanoseconds since 1970.
  enum Condition {
    case ok
    case away(String, since: Int64)
    /// It is there and takes no changes.
    case refusing(String, since: Int64)

    var name: String {
      switch self {
      case .ok: "ok"
      case .away: "away"
      case .refusing: "refusing"
      }
    }
  }

  /// sqlite, redis.
  var kind: String
  /// behind, through.
  var durability: String
  var condition: Condition
  var unsaved: Int
  var queueMost: Int
  var waiting: Int
  var loads: UInt64
  var loadHits: UInt64
  var loadMisses: UInt64
  var saves: UInt64
  var batches: UInt64
  var conflicts: UInt64
  var failures: UInt64
  /// What the store itself has counted.
  var own: StoreStatistics
  var load: LatencyHistogram.Summary
  var batch: LatencyHistogram.Summary
  /// nil: an empty cache was not filled, or not to its end.
  var warmed: Int64?

  /// The member `store` of STATS.
  func append(to json: inout JSONWriter) {
    json.beginObject("store")
    json.member("kind", string: kind)
    json.member("durability", string: durability)
    json.member("state", string: condition.name)
    switch condition {
    case .ok: break
    case .away(let reason, let since), .refusing(let reason, let since):
      json.member("reason", string: reason)
      json.member("since", seconds: since)
    }
    json.member("unsaved", unsaved)
    json.member("queue", queueMost)
    json.member("waiting", waiting)
    json.member("loads", loads)
    json.member("loadHits", loadHits)
    json.member("loadMisses", loadMisses)
    json.member("saves", saves)
    json.member("batches", batches)
    json.member("conflicts", conflicts)
    json.member("failures", failures)
    json.member("roundTrips", own.roundTrips)
    json.member("invalidations", own.invalidations)
    json.member("damaged", own.damaged)
    append("load", load, to: &json)
    append("batch", batch, to: &json)
    json.member("warm", json: Array((warmed.map { "\($0)" } ?? "null").utf8))
    json.endObject()
  }

  private func append(
    _ name: String, _ latency: LatencyHistogram.Summary, to json: inout JSONWriter
  ) {
    json.beginObject(name)
    json.member("p50", microseconds: latency.percentile(0.5))
    json.member("p99", microseconds: latency.percentile(0.99))
    json.endObject()
  }
}
