/// The code of an `ERR <code> <text>` reply: one lower-case word that programs may rely on.
///
/// The set is open. A client that meets a code it does not know treats the request as refused and
/// shows the text to a person. The text after the code is for people and may change at any time.
public struct ErrorCode: RawRepresentable, Hashable, Sendable {
  /// The word on the wire: at most 15 bytes of lower-case ASCII letters and hyphens, so that the
  /// string lies inline and making one never allocates.
  public let rawValue: String

  public init(rawValue: String) {
    self.rawValue = rawValue
  }

  /// The request line is not one the protocol allows: a word missing, left over or malformed.
  public static let syntax = Self(rawValue: "syntax")
  /// No such command, or no such protocol version.
  public static let unknown = Self(rawValue: "unknown")
  /// A line, a session or a list of words is over its limit.
  public static let tooLarge = Self(rawValue: "too-large")
  /// The value is not one well-formed JSON value.
  public static let badJSON = Self(rawValue: "bad-json")
  /// `IF` named another version than the session's. The text ends with the current one.
  public static let conflict = Self(rawValue: "conflict")
  /// The stored value, or the outcome, is nothing `INCR` can count with.
  public static let type = Self(rawValue: "type")
  /// The cache has no room left and may not push anything out.
  public static let full = Self(rawValue: "full")
  /// The session was revoked and can't be brought back.
  public static let revoked = Self(rawValue: "revoked")
  /// The peer's role does not allow the request.
  public static let denied = Self(rawValue: "denied")
  /// Too many connections. The daemon closes this one.
  public static let limit = Self(rawValue: "limit")
  /// What the request needs can't be had just now, such as the store behind the cache: not the same as
  /// "no such session". The text ends with `undecidedMark` where a change may have been made all the same.
  public static let unavailable = Self(rawValue: "unavailable")
  /// How the text of `unavailable` ends if the store was lost amid a change, so that nobody knows whether it has it.
  public static let undecidedMark = "it is not known whether the change was made"
  /// The daemon is shutting down and did not execute the request.
  public static let stopping = Self(rawValue: "stopping")
}

extension ErrorCode: CustomStringConvertible {
  public var description: String { rawValue }
}
