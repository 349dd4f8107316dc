package import SessionClient

/// What a daemon did within a time, by the second.
package struct Rates: Equatable, Sendable {
  /// How long the time was, in seconds.
  package let seconds: Double
  package let requests: Double
  package let errors: Double
  /// Reads over the socket, whether they found something or not.
  package let socketReads: Double
  /// Reads out of mappings, as far as clients have told of them.
  package let mappedReads: Double
  /// The part of the reads that found what they sought, 0 to 1; nil where there was none.
  package let hitRatio: Double?
  package let writes: Double
  package let refusedAsFull: Double
  package let expired: Double
  package let evicted: Double
  package let accepted: Double
  package let turnedAway: Double
  package let dropped: Double
  package let loads: Double
  package let saves: Double
  /// By command, those with the most requests first.
  package let commands: [CommandRate]
  /// By session, as far as the daemon tells of them, the busiest first: within the last ten seconds, however long
  /// `seconds` is.
  package let busiest: [SessionRate]

  /// How long the time is that the daemon counts uses of sessions for, in seconds (Protocol.md, STATS).
  private static let busySeconds = 10.0

  package struct CommandRate: Equatable, Sendable {
    package let name: String
    package let requests: Double
    package let errors: Double
    /// The command's numbers since the daemon's start.
    package let total: ServerStatistics.Command
  }

  package struct SessionRate: Equatable, Sendable {
    package let session: String
    package let uses: Double
  }

  /// The time is the daemon's own: an answer may have waited long before it was read.
  ///
  /// - Returns: nil where no time has passed, or the daemon is another one by now.
  package init?(from first: DaemonReport, to last: DaemonReport) {
    let (old, new) = (first.statistics, last.statistics)
    let seconds = new.uptime - old.uptime
    guard seconds > 0, old.pid == new.pid else { return nil }
    func rate(_ count: (ServerStatistics) -> Int) -> Double {
      Double(max(0, count(new) - count(old))) / seconds
    }

    self.seconds = seconds
    let hits = rate { $0.hits }
    let misses = rate { $0.misses }
    mappedReads = rate { $0.mapped.hits }
    socketReads = hits + misses
    let reads = socketReads + mappedReads
    hitRatio = reads > 0 ? (hits + mappedReads) / reads : nil
    writes = rate { $0.sets }
    refusedAsFull = rate { $0.full }
    expired = rate { $0.expired }
    evicted = rate { $0.evicted.untagged + $0.evicted.tagged }
    accepted = rate { $0.connections.accepted }
    turnedAway = rate { $0.connections.refused }
    dropped = rate { $0.connections.dropped }
    loads = rate { $0.store?.loads ?? 0 }
    saves = rate { $0.store?.saves ?? 0 }

    commands = new.commands.map { name, total in
      CommandRate(
        name: name, requests: rate { $0.commands[name]?.count ?? 0 },
        errors: rate { $0.commands[name]?.errors ?? 0 }, total: total)
    }.sorted { ($0.requests, $0.total.count, $1.name) > ($1.requests, $1.total.count, $0.name) }
    requests = commands.reduce(0) { $0 + $1.requests }
    errors = commands.reduce(0) { $0 + $1.errors }

    let counted = min(Self.busySeconds, max(1, new.uptime))
    busiest = last.busiest.map { busy in
      SessionRate(session: busy.session, uses: Double(busy.count) / counted)
    }.sorted { ($0.uses, $1.session) > ($1.uses, $0.session) }
  }
}
