/// Whether what one side calls so is always the same on the other one.
struct ModelMatches {
  /// Versions of `LocalSessions` by the daemon's, and the other way round. The sides give other ones: marks take some
  /// of the daemon's.
  private var localVersions: [Int: Int] = [:]
  private var daemonVersions: [Int: Int] = [:]
  /// By how many milliseconds the wall clocks differ.
  private var lead: Int?

  mutating func difference(_ daemon: ModelReply, _ local: ModelReply) -> String? {
    guard daemon.text == local.text, daemon.versions.count == local.versions.count,
      daemon.times.count == local.times.count
    else { return "other replies" }
    for (theirs, ours) in zip(daemon.versions, local.versions) where !match(theirs, ours) {
      return "version \(theirs) is not version \(ours)"
    }
    for (theirs, ours) in zip(daemon.times, local.times) {
      if let lead, theirs - ours != lead { return "times differ by \(theirs - ours) ms instead of \(lead)" }
      lead = theirs - ours
    }
    return nil
  }

  private mutating func match(_ daemon: Int, _ local: Int) -> Bool {
    if localVersions[daemon] == nil, daemonVersions[local] == nil {
      localVersions[daemon] = local
      daemonVersions[local] = daemon
    }
    return localVersions[daemon] == local && daemonVersions[local] == daemon
  }
}
