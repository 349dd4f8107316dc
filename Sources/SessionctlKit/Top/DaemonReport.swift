package import SessionClient

/// What STATS tells.
package struct DaemonReport: Decodable, Equatable, Sendable {
  package let statistics: ServerStatistics

  /// The sessions that are used most, the busiest first; none where the daemon does not tell of them.
  package var busiest: [ServerStatistics.BusySession] { statistics.busiest ?? [] }

  package init(from decoder: any Decoder) throws {
    statistics = try ServerStatistics(from: decoder)
  }
}
