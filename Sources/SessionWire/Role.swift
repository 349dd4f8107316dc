/// What a client may do. Each role may do all that the ones before it may.
public enum Role: UInt8, CaseIterable, Comparable, Sendable {
  /// Reading sessions by their ids, without keeping them alive.
  case reader
  /// Reading and changing sessions by their ids.
  case app
  /// Everything.
  case admin

  /// The name as `HELLO` tells it.
  public var name: String {
    switch self {
    case .reader: "reader"
    case .app: "app"
    case .admin: "admin"
    }
  }

  public static func < (one: Role, other: Role) -> Bool { one.rawValue < other.rawValue }
}
