/// What the daemon knows about a session besides its values.
public struct SessionInfo: Codable, Equatable, Sendable {
  /// Changes with every write and is never used again, not even for another session.
  public let version: Int
  /// How many seconds the session has left if nobody uses it.
  public let ttl: Double
  /// Its idle time in seconds: what a use starts anew.
  public let idle: Double
  /// When it began, in seconds since 1970.
  public let created: Double
  /// How many keys it has.
  public let keys: Int
  /// How many bytes of memory it takes.
  public let bytes: Int
  /// The tags that it bears.
  public let tags: [String]
}
