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
  /// Memory in bytes: what is allowed, and what is taken.
  public let memory: Memory
  /// How many ids are marked, since they were revoked or a session has another id now.
  public let marks: Int
  /// Answers to GET, PEEK and MGET with a value.
  public let hits: Int
  /// Answers to GET, PEEK and MGET that there is no such session or key.
  public let misses: Int
  /// How many SET and MSET were done.
  public let sets: Int
  /// How many sessions ended by their idle time or lifetime.
  public let expired: Int
  /// How many writes were refused because the cache was full.
  public let full: Int
  /// Sessions that were ended because a write wanted their memory.
  public let evicted: Evicted
  /// How many sessions left memory since the store has them, and will be loaded again.
  public let forgotten: Int
  /// The store behind the cache, if there is one.
  public let store: Store?
  /// What the start took over of the daemon before; nothing if there was none.
  public let adopted: Adopted?
  /// What clients do that map the segment.
  public let mapped: Mapped
  /// How many connections there are and were.
  public let connections: Connections
  /// The sessions that were asked for most within the last ten seconds, about, the busiest first; ten at most.
  /// Nothing for who has not the role `admin`: ids are secrets.
  ///
  /// Reads out of mappings do not pass the daemon. It hears of them as uses, of a session at most once in a tenth
  /// of its time to live from each client, and counts those.
  public let busiest: [BusySession]?
  /// By command, in capitals; only those that were used.
  public let commands: [String: Command]
  /// How many request lines named no command.
  public let unknown: Int

  /// The part of the reads that found what they sought, 0 to 1, those out of mappings included; nothing
  /// before the first read. (A session that a mapping does not have is asked for over the socket.)
  public var hitRatio: Double? {
    let found = Double(hits) + Double(mapped.hits)
    let reads = found + Double(misses)
    return reads > 0 ? found / reads : nil
  }

  /// The part of the reads over the socket that found what they sought, 0 to 1; nothing before the first one.
  public var socketHitRatio: Double? {
    let reads = Double(hits) + Double(misses)
    return reads > 0 ? Double(hits) / reads : nil
  }

  /// The part of all reads that clients answered out of their mappings, 0 to 1; nothing before the first read.
  public var mappedShare: Double? {
    let reads = Double(hits) + Double(misses) + Double(mapped.hits)
    return reads > 0 ? Double(mapped.hits) / reads : nil
  }

  /// What a start took over of the daemon before.
  public struct Adopted: Codable, Equatable, Sendable {
    /// How many sessions.
    public let sessions: Int
    /// How many seconds that took.
    public let seconds: Double
  }

  /// Numbers of sessions that were ended because a write wanted their memory, with `--when-full evict`.
  public struct Evicted: Codable, Equatable, Sendable {
    /// Their time was over already; they are among the expired ones as well.
    public let expired: Int
    /// Without a tag.
    public let untagged: Int
    /// With a tag.
    public let tagged: Int
  }

  /// Memory in bytes.
  public struct Memory: Codable, Equatable, Sendable {
    /// What `--max-memory` allows.
    public let limit: Int
    /// What was taken from the system.
    public let reserved: Int
    /// What is in use of it: sessions, marks, and the index.
    public let used: Int
    /// What the index takes of that.
    public let index: Int
    /// What the index of tags takes, on top of `limit`.
    public let tags: Int
    /// What the events kept for watchers, and the ends that `why` knows of, take, on top of `limit`.
    public let events: Int
    /// What is held for connections: unfinished lines, unread replies and the like, on top of `limit`.
    public let buffers: Int
  }

  /// Reads that need no request, as clients tell of them from time to time.
  public struct Mapped: Codable, Equatable, Sendable {
    /// Reads that clients have answered out of their mappings of the segment.
    public let hits: Int
    /// How often the segment was handed out to be mapped.
    public let maps: Int
  }

  /// Numbers of connections; all but `current` since the start.
  public struct Connections: Codable, Equatable, Sendable {
    /// Open now.
    public let current: Int
    /// Accepted in all.
    public let accepted: Int
    /// Turned away because there were too many.
    public let refused: Int
    /// Closed by the daemon because a request line stayed unfinished for too long.
    public let dropped: Int
  }

  /// A session that is used much, whether there is one of this id or not.
  public struct BusySession: Codable, Equatable, Sendable {
    public let session: String
    /// How many requests named it within the last ten seconds, about: one of 64 is looked at.
    public let count: Int
  }

  /// One command: how often it was asked for, and how long it took, in microseconds from the request's parsing
  /// to its reply, without the time on the wire. `p50` and `p99` may be a quarter too high.
  public struct Command: Codable, Equatable, Sendable {
    /// How many requests, those included that were refused.
    public let count: Int
    /// How many of them were answered `ERR`.
    public let errors: Int
    /// The mean time in microseconds.
    public let mean: Double
    /// The time in microseconds that half of the requests took at most.
    public let p50: Double
    /// The time in microseconds that 99 of 100 requests took at most.
    public let p99: Double
    /// The longest time in microseconds.
    public let max: Double
  }
}
