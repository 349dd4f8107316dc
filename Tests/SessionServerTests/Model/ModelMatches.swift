/// Whether what one side calls so is always the same on the other one.
struct ModelMatches {
  /// Versions of the daemon and of `LocalSessions`, both growing.
  private var versions: [(daemon: Int, local: Int)] = []
  /// By how many milliseconds the wall clocks differ.
  private var lead: Int?

  var greatest: (daemon: Int, local: Int) { versions.last ?? (0, 0) }

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
    var low = 0
    var high = versions.count
    while low < high {
      let middle = (low + high) / 2
      if versions[middle].daemon < daemon { low = middle + 1 } else { high = middle }
    }
    if low < versions.count, versions[low].daemon == daemon { return versions[low].local == local }
    guard low == 0 || versions[low - 1].local < local, low == versions.count || versions[low].local > local
    else {
      return false
    }
    versions.insert((daemon, local), at: low)
    return true
  }
}
