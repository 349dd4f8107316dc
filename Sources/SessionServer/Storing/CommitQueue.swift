/// Commits that wait for the saving thread, in order.
struct CommitQueue {
  /// How many bytes of records may wait for which no connection answers: their clients have gone, or were told that it
  /// takes too long.
  static let abandonedBytesMost = 128 << 20

  private var commits: [StoreCommit] = []
  private var abandonedBytes = 0

  var count: Int { commits.count }
  var isEmpty: Bool { commits.isEmpty }

  /// - Returns: false if so much waits already that it does not go in.
  mutating func append(_ commit: StoreCommit) -> Bool {
    guard abandonedBytes < Self.abandonedBytesMost else { return false }
    commits.append(commit)
    return true
  }

  /// Nobody waits for these any more.
  mutating func abandon(where isIt: (StoreWaiter) -> Bool) {
    for index in commits.indices where !commits[index].isAbandoned && isIt(commits[index].waiter) {
      commits[index].isAbandoned = true
      abandonedBytes += commits[index].byteCount
    }
  }

  /// The first ones, until so many or so many bytes have come together.
  mutating func take(most: Int, bytesMost: Int) -> [StoreCommit] {
    var bytes = 0
    let taken = commits.prefix(most).prefix { commit in
      defer { bytes += commit.byteCount }
      return bytes < bytesMost
    }
    for commit in taken where commit.isAbandoned { abandonedBytes -= commit.byteCount }
    commits.removeFirst(taken.count)
    return Array(taken)
  }

  mutating func takeAll() -> [StoreCommit] { take(most: .max, bytesMost: .max) }
}
