/// Decides whether what clients saw of a session could have come from one session that does one request
/// at a time, each somewhere between its beginning and its end (Herlihy and Wing 1990).
///
/// Sessions have nothing to do with each other but for their versions, so each is checked by itself:
/// linearizability is local. Where a RENAME joins ids, these are checked together.
public struct LinearizabilityChecker: Sendable {
  /// After so many configurations a search is given up: some 500 bytes each.
  public var configurationsMost: Int

  public init(configurationsMost: Int = 500_000) {
    self.configurationsMost = configurationsMost
  }

  /// Checks the whole history of one session, which did not exist at its beginning.
  public func check(_ history: [Operation]) -> Verdict { check(["": history]) }

  /// Checks the whole histories of some ids, under which there was nothing at the beginning. They need not
  /// belong together, but it takes longer than one after the other if they do not.
  public func check(_ histories: [String: [Operation]]) -> Verdict {
    var search = Search(Group(histories), configurationsMost: configurationsMost)
    return search.run()
  }

  /// Checks all ids, and that their versions are as they should be across sessions.
  ///
  /// - Returns: what is wrong, nothing if nothing is.
  public func faults(in histories: [String: [Operation]]) -> [String] {
    let groups = Group.joined(histories)
    var faults = VersionOrder.faults(in: histories, groups)
    for ids in groups {
      let group = histories.filter { ids.contains($0.key) }
      let name = "session \(ids.joined(separator: ", "))"
      switch check(group) {
      case .linearizable: break
      case .notLinearizable(let explanation): faults.append("\(name): \(explanation)")
      case .undecided(let configurations):
        faults.append("\(name): undecided after \(configurations) configurations")
      }
    }
    return faults
  }
}
