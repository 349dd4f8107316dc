/// Why a session ended, and who ended it.
public struct SessionEnd: Codable, Equatable, Sendable {
  /// A reason; later daemons may have others.
  public struct Cause: RawRepresentable, Codable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// Nobody used it for its time to live.
    public static let idle = Self(rawValue: "idle")
    /// It reached the absolute lifetime.
    public static let lifetime = Self(rawValue: "lifetime")
    /// DEL or FLUSH.
    public static let deleted = Self(rawValue: "deleted")
    /// It was revoked, by itself or with a tag.
    public static let revoked = Self(rawValue: "revoked")
    /// It goes on under another id.
    public static let renamed = Self(rawValue: "renamed")
    /// The cache was full.
    public static let evicted = Self(rawValue: "evicted")
  }

  public let ended: Cause
  /// When, in seconds since 1970.
  public let at: Double
  /// The user whose process ended it; nothing where it ended by itself.
  public let uid: Int?
  /// That process.
  public let pid: Int?
}
