import SessionCache
import SessionWire
import Synchronization

/// Gathers all that `STATS` and `METRICS` tell from the threads that count it.
final class ServerStatistics: Sendable {
  private let cache: SessionCache
  private let ledger: ConnectionLedger
  private let reactors: [ReactorStatistics]
  private let identity: ServerIdentity
  /// Nanoseconds since 1970, told once: the clock may be set later.
  private let startedWall: Int64
  private let adoption: Adoption?
  private let store: StoreService?

  init(
    cache: SessionCache, ledger: ConnectionLedger, reactors: [ReactorStatistics], identity: ServerIdentity,
    wallClock: WallClock, adoption: Adoption? = nil, store: StoreService? = nil
  ) {
    self.cache = cache
    self.ledger = ledger
    self.reactors = reactors
    self.identity = identity
    startedWall = wallClock.time(of: identity.started)
    self.adoption = adoption
    self.store = store
  }

  /// - Parameter tellsBusiest: whether the ids of sessions may be in it, which are secrets.
  func report(at now: Int64, tellsBusiest: Bool = false) -> ServerReport {
    let connections = ledger.totals
    return ServerReport(
      identity: identity, now: now, startedWall: startedWall,
      cache: cache.statistics,
      hits: sum { $0.hits.load(ordering: .relaxed) }, misses: sum { $0.misses.load(ordering: .relaxed) },
      sets: sum { $0.sets.load(ordering: .relaxed) }, full: sum { $0.full.load(ordering: .relaxed) },
      mappedHits: sum { $0.mappedHits.load(ordering: .relaxed) },
      maps: sum { $0.maps.load(ordering: .relaxed) },
      goodPolls: sum { $0.goodPolls.load(ordering: .relaxed) },
      vainPolls: sum { $0.vainPolls.load(ordering: .relaxed) },
      unknown: sum { $0.unknown.load(ordering: .relaxed) },
      connections: ServerReport.Connections(
        current: connections.current, accepted: connections.accepted, refused: connections.refused,
        dropped: sum { $0.dropped.load(ordering: .relaxed) }, bufferedBytes: ledger.bufferedBytes),
      adoption: adoption, store: store?.numbers, commands: Command.allCases.compactMap(numbers),
      busiest: tellsBusiest ? busiest(at: now) : nil)
  }

  private func busiest(at now: Int64) -> [BusySession] {
    var samples: [[UInt8]: Double] = [:]
    for reactor in reactors { reactor.addSamples(to: &samples, at: now) }
    return BusySession.busiest(samples)
  }

  private func sum(_ counter: (ReactorStatistics) -> UInt64) -> UInt64 {
    reactors.reduce(0) { $0 &+ counter($1) }
  }

  /// nil for a command that was never used.
  private func numbers(of command: Command) -> ServerReport.PerCommand? {
    var latency = LatencyHistogram.Summary()
    for reactor in reactors { reactor.add(command, to: &latency) }
    guard latency.count > 0 else { return nil }
    return ServerReport.PerCommand(
      command: command, errors: sum { $0.errors(command) }, latency: latency)
  }
}
