/// What the daemon counted since it started.
public struct ServerStatistics: Codable, Equatable, Sendable {
  /// The version of the program.
  public let version: String
  /// Its process id.
  public let pid: Int
  /// For how many seconds it runs.
  public let uptime: Double
  /// How many sessions there are.
  public let sessions: Int
  public let memory: Memory
  /// Reads that found their session and key.
  public let hits: Int
  /// Reads that did not.
  public let misses: Int
  /// Writes.
  public let sets: Int
  /// Sessions whose time was over.
  public let expired: Int
  /// Writes refused because the cache was full.
  public let full: Int
  public let connections: Connections
  /// By command, in capitals; only those that were used.
  public let commands: [String: Command]

  /// The part of the reads that found what they sought, 0 to 1; nothing before the first read.
  public var hitRatio: Double? {
    let reads = Double(hits) + Double(misses)
    return reads > 0 ? Double(hits) / reads : nil
  }

  /// Memory in bytes.
  public struct Memory: Codable, Equatable, Sendable {
    /// What `--max-memory` allows.
    public let limit: Int
    /// What was taken from the system.
    public let reserved: Int
    /// What sessions take.
    public let used: Int
    /// What the index takes.
    public let index: Int
  }

  public struct Connections: Codable, Equatable, Sendable {
    /// Open now.
    public let current: Int
    /// Accepted since the start.
    public let accepted: Int
    /// Turned away because there were too many.
    public let refused: Int
    /// Closed by the daemon because of what the peer did, or did not do.
    public let dropped: Int
  }

  /// One command. Times are microseconds from the request read to the reply written.
  public struct Command: Codable, Equatable, Sendable {
    public let count: Int
    public let errors: Int
    public let mean: Double
    public let p50: Double
    public let p99: Double
    public let max: Double
  }
}
