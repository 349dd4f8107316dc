import FoundationEssentials
import SessionClient

@testable import SessionctlKit

/// What a daemon says that is well, with numbers to plant.
struct Planted {
  var pid = 7
  var uptime = 100.0
  var sessions = 1000
  var limit = 256 << 20
  /// nil: as much as is reserved.
  var used: Int?
  var reserved = 64 << 20
  var hits = 5000
  var misses = 100
  var sets = 2000
  var expired = 50
  var full = 0
  var evictedExpired = 0
  var evictedUntagged = 0
  var evictedTagged = 0
  var mappedHits = 90_000
  var maps = 4
  var accepted = 10
  var refused = 0
  var dropped = 0
  /// By command: requests, errors.
  var commands = ["GET": (5100, 0), "SET": (2000, 0)]
  var store: String?
  var busiest: String?

  static func store(
    state: String = "ok", reason: String? = nil, unsaved: Int = 0, queue: Int = 100_000, damaged: Int = 0,
    kind: String = "sqlite", durability: String = "behind"
  ) -> String {
    let away = reason.map { #","reason":"\#($0)","since":5"# } ?? ""
    return """
      {"kind":"\(kind)","durability":"\(durability)","state":"\(state)"\(away),"unsaved":\(unsaved),"queue":\(queue),
      "waiting":0,"loads":10,"loadHits":5,"loadMisses":5,"saves":20,"batches":2,"conflicts":0,"failures":0,
      "roundTrips":0,"invalidations":0,"damaged":\(damaged),"load":{"p50":10,"p99":20},"batch":{"p50":1000,"p99":2500},
      "warm":null}
      """
  }

  var json: String {
    let commands = commands.map { name, counts in
      #""\#(name)":{"count":\#(counts.0),"errors":\#(counts.1),"mean":2.5,"p50":2,"p99":9.5,"max":120}"#
    }.joined(separator: ",")
    return """
      {"version":"1.2.3","pid":\(pid),"uptime":\(uptime),"sessions":\(sessions),"memory":{"limit":\(limit),
      "reserved":\(reserved),"used":\(used ?? reserved),"index":100,"tags":0,"events":0,"buffers":0},"marks":0,"tagged_pairs":0,"hits":\(hits),
      "misses":\(misses),"sets":\(sets),"expired":\(expired),"full":\(full),"evicted":{"expired":\(evictedExpired),
      "untagged":\(evictedUntagged),"tagged":\(evictedTagged)},"forgotten":0,"unknown":0,"mapped":{"hits":\(mappedHits),"maps":\(maps)},
      "connections":{"current":3,"accepted":\(accepted),"refused":\(refused),"dropped":\(dropped)},
      \(store.map { #""store":\#($0),"# } ?? "")\(busiest.map { #""busiest":\#($0),"# } ?? "")"commands":{\(commands)}}
      """
  }

  func report() throws -> DaemonReport {
    try JSONDecoder().decode(DaemonReport.self, from: Data(json.utf8))
  }
}
