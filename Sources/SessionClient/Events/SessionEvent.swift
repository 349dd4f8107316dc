/// Something that happened to a session.
public struct SessionEvent: Equatable, Sendable {
  /// What happened; later daemons may tell of more.
  public struct Kind: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// It began, or its values or tags were changed.
    public static let set = Self(rawValue: "set")
    /// It was deleted.
    public static let delete = Self(rawValue: "del")
    /// Its time was over. It is told when the daemon reclaims the session, a moment after its end.
    public static let expire = Self(rawValue: "expire")
    /// The cache was full, and the session had to go.
    public static let evict = Self(rawValue: "evict")
    /// It goes on under another id.
    public static let rename = Self(rawValue: "rename")
    /// It was revoked, by itself or with a tag.
    public static let revoke = Self(rawValue: "revoke")
    /// Events are missing before the next one, nobody knows which: read anew what matters.
    public static let missed = Self(rawValue: "missed")
  }

  /// Grows from event to event. Kept, it can be given as `since:` to go on from there.
  public let sequence: Int
  public let kind: Kind
  /// The id; nothing with `.missed`.
  public let session: String?
  /// The version that the session has, or had last; nothing with `.missed`.
  public let version: Int?
  /// With `.rename`: the id under which the session goes on.
  public let newSession: String?

  init(sequence: Int, kind: Kind, session: String? = nil, version: Int? = nil, newSession: String? = nil) {
    self.sequence = sequence
    self.kind = kind
    self.session = session
    self.version = version
    self.newSession = newSession
  }
}
