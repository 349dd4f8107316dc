extension ServerStatistics {
  /// What the daemon counted of the store behind its cache, since it started.
  public struct Store: Codable, Equatable, Sendable {
    /// `sqlite` or `redis`.
    public let kind: String
    /// `behind` or `through`: when a change is acknowledged.
    public let durability: String
    /// `ok`, `away` while it can't be reached, or `refusing`: a shared store that is there and takes no changes.
    public let state: String
    /// Why it is not `ok`.
    public let reason: String?
    /// Since when it is not `ok`, in seconds since 1970.
    public let since: Double?
    /// Sessions with changes that the store has not got yet.
    public let unsaved: Int
    /// How many of these there may be; past it writers wait.
    public let queue: Int
    /// Requests that wait for the store now.
    public let waiting: Int
    /// Ids that the store was asked for.
    public let loads: Int
    /// How many of them it had.
    public let loadHits: Int
    /// How many of them it had not.
    public let loadMisses: Int
    /// Records that the store took.
    public let saves: Int
    /// In how many batches.
    public let batches: Int
    /// Changes that were made again since another daemon had been faster.
    public let conflicts: Int
    /// Calls that the store did not do.
    public let failures: Int
    /// Waits for the answer of a server.
    public let roundTrips: Int
    /// Ids of which a server has told that another daemon changed them.
    public let invalidations: Int
    /// Records that could not be read, being damaged.
    public let damaged: Int
    /// How long loads take.
    public let load: Latency
    /// How long batches take.
    public let batch: Latency
    /// How many sessions an empty cache was filled with at the start; nil if it was not empty.
    public let warm: Int?

    /// Whether the store is away.
    public var isAway: Bool { state == "away" }

    /// Microseconds; both may be a quarter too high.
    public struct Latency: Codable, Equatable, Sendable {
      /// What half of the calls took at most.
      public let p50: Double
      /// What 99 of 100 calls took at most.
      public let p99: Double
    }
  }
}
