/// Decides whether what clients saw of a session could have come from one session that does one request
/// at a time, each somewhere between its beginning and its end (Herlihy and Wing 1990).
///
/// Sessions have nothing to do with each other but for their versions, so each is checked by itself:
/// linearizability is local.
public struct LinearizabilityChecker: Sendable {
  /// After so many configurations a search is given up: some 500 bytes each.
  public var configurationsMost: Int

  public init(configurationsMost: Int = 500_000) {
    self.configurationsMost = configurationsMost
  }

  /// Checks the whole history of one session, which did not exist at its beginning.
  public func check(_ history: [Operation]) -> Verdict {
    var search = Search(history, configurationsMost: configurationsMost)
    return search.run()
  }

  /// Checks all sessions, and that their versions are as they should be across sessions.
  ///
  /// - Returns: what is wrong, nothing if nothing is.
  public func faults(in sessions: [String: [Operation]]) -> [String] {
    var faults = VersionOrder.faults(in: sessions)
    for (session, history) in sessions.sorted(by: { $0.key < $1.key }) {
      switch check(history) {
      case .linearizable: break
      case .notLinearizable(let explanation): faults.append("session \(session): \(explanation)")
      case .undecided(let configurations):
        faults.append("session \(session): undecided after \(configurations) configurations")
      }
    }
    return faults
  }
}
