import SessionClient

/// How clients use the daemon, and what they are refused.
enum ClientChecks {
  /// So many reads over the socket are worth a word, if not one in so many is mapped.
  private static let readsLeast = 10_000
  private static let mappedPart = 100

  static func findings(_ facts: DoctorFacts) -> [Finding] {
    let statistics = facts.last.statistics
    let connections = statistics.connections
    let since = "since its start \(Shown.duration(statistics.uptime)) ago"
    var findings: [Finding] = []
    if statistics.hits >= readsLeast, statistics.mapped.hits < statistics.hits / mappedPart {
      findings.append(
        Finding(
          .mapping, severity: .hint,
          "Clients do not use the mapping: \(Shown.count(statistics.hits)) reads were answered over the "
            + "socket, and \(Shown.count(statistics.mapped.hits)) out of the mapping, which takes less than "
            + "a hundredth of the time.",
          remedy: "In programs that use SessionClient leave the option mapping as it is (.automatic), and "
            + "name their users in the setting mappers. Other programs can't map: then all is as it should be."
        ))
    }
    if connections.refused > 0 {
      findings.append(
        Finding(
          .connectionLimit,
          severity: connections.refused > facts.first.statistics.connections.refused ? .trouble : .hint,
          "\(Shown.count(connections.refused)) clients were turned away \(since), since there were too many; "
            + "\(Shown.count(connections.current)) are connected now.",
          remedy:
            "Let each process keep one connection, or raise max-connections and max-connections-per-user (and "
            + "LimitNOFILE= of the unit)."))
    }
    if connections.dropped > 0 {
      findings.append(
        Finding(
          .slowClients, severity: .hint,
          "\(Shown.count(connections.dropped)) connections were closed \(since), since their clients finished no "
            + "line in time, did not read their events or replies, or took up too much memory.",
          remedy: "Look for clients that hang; line-timeout and max-buffers are the settings."))
    }
    return findings
  }
}
