import SessionCache
import SessionWire
import Synchronization

/// All that `STATS` tells, gathered from the threads that count it.
final class ServerStatistics: Sendable {
  private let cache: SessionCache
  private let ledger: ConnectionLedger
  private let reactors: [ReactorStatistics]
  private let identity: ServerIdentity

  init(cache: SessionCache, ledger: ConnectionLedger, reactors: [ReactorStatistics], identity: ServerIdentity)
  {
    self.cache = cache
    self.ledger = ledger
    self.reactors = reactors
    self.identity = identity
  }

  private func sum(_ counter: (ReactorStatistics) -> UInt64) -> UInt64 {
    reactors.reduce(0) { $0 &+ counter($1) }
  }

  /// One JSON object.
  func append(to reply: inout [UInt8], now: Int64) {
    let cached = cache.statistics
    let connections = ledger.totals
    var json = JSONWriter()
    json.beginObject()
    json.member("version", string: identity.version)
    json.member("pid", identity.pid)
    json.member("uptime", seconds: now - identity.started)
    json.member("sessions", cached.sessions)
    json.beginObject("memory")
    json.member("limit", cached.memoryLimit)
    json.member("reserved", cached.memoryReserved)
    json.member("used", cached.memoryUsed)
    json.member("index", cached.memoryIndex)
    json.member("tags", cached.tagBytes)
    json.endObject()
    json.member("marks", cached.marks)
    json.member("tagged_pairs", cached.taggedPairs)
    json.member("hits", sum { $0.hits.load(ordering: .relaxed) })
    json.member("misses", sum { $0.misses.load(ordering: .relaxed) })
    json.member("sets", sum { $0.sets.load(ordering: .relaxed) })
    json.member("expired", cached.expired)
    json.member("full", sum { $0.full.load(ordering: .relaxed) })
    json.beginObject("evicted")
    json.member("expired", cached.evicted.expired)
    json.member("untagged", cached.evicted.untagged)
    json.member("tagged", cached.evicted.tagged)
    json.endObject()
    json.beginObject("mapped")
    json.member("hits", sum { $0.mappedHits.load(ordering: .relaxed) })
    json.member("maps", sum { $0.maps.load(ordering: .relaxed) })
    json.endObject()
    json.beginObject("connections")
    json.member("current", connections.current)
    json.member("accepted", connections.accepted)
    json.member("refused", connections.refused)
    json.member("dropped", sum { $0.dropped.load(ordering: .relaxed) })
    json.endObject()
    json.beginObject("commands")
    for command in Command.allCases { append(command, to: &json) }
    json.endObject()
    json.endObject()
    reply.append(contentsOf: json.bytes)
  }

  /// Nothing for a command that was never used.
  private func append(_ command: Command, to json: inout JSONWriter) {
    var latency = LatencyHistogram.Summary()
    for reactor in reactors { reactor.add(command, to: &latency) }
    guard latency.count > 0 else { return }
    json.beginObject(command.name)
    json.member("count", latency.count)
    json.member("errors", sum { $0.errors(command) })
    json.member("mean", microseconds: latency.mean)
    json.member("p50", microseconds: latency.percentile(0.5))
    json.member("p99", microseconds: latency.percentile(0.99))
    json.member("max", microseconds: latency.longest)
    json.endObject()
  }
}
