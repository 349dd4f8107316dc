/// Where sessions are kept behind the cache, as the setting `store` names it:
///
///     none
///     sqlite:PATH
///     redis://[user@]HOST[:PORT][/DB][?prefix=NAME]
///     unix:PATH[?db=N&prefix=NAME]
///
/// Passwords are not part of it: whoever may list processes, or read the configuration, could see them.
public enum StoreLocation: Sendable, Equatable {
  case none
  /// A database in a file of this machine. The path is absolute.
  case sqlite(path: String)
  /// A server of Redis or Valkey, which several machines may share.
  case redis(RedisLocation)

  /// Why a text names no store. It never repeats the text, which may hold a password.
  public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
      self.description = description
    }
  }

  /// What STATS calls its kind: `none`, `sqlite` or `redis`.
  public var kind: String {
    switch self {
    case .none: "none"
    case .sqlite: "sqlite"
    case .redis: "redis"
    }
  }

  public init(_ text: String) throws(Failure) {
    guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw Failure("a store is named without control characters")
    }
    if text == "none" {
      self = .none
    } else if let path = Self.rest(of: text, behind: "sqlite:") {
      self = .sqlite(path: try Self.databasePath(path))
    } else if let address = Self.rest(of: text, behind: "redis://") {
      self = .redis(try RedisLocation(address: address))
    } else if let path = Self.rest(of: text, behind: "unix:") {
      self = .redis(try RedisLocation(path: path))
    } else if text.hasPrefix("rediss://") {
      throw Failure(
        "rediss:// needs TLS, which the hiredis of this build does not have; let a tunnel such as stunnel "
          + "speak TLS, and name its end on this machine with redis:// or unix:")
    } else {
      throw Failure(
        "a store is none, sqlite:PATH, redis://[user@]HOST[:PORT][/DB][?prefix=NAME] or "
          + "unix:PATH[?db=N&prefix=NAME]")
    }
  }

  private static func rest(of text: String, behind prefix: String) -> Substring? {
    text.hasPrefix(prefix) ? text.dropFirst(prefix.count) : nil
  }

  /// A path from the root, also one that is written as in a URL without a host: `///run/redis.sock`.
  static func absolutePath(_ text: Substring) -> Substring? {
    let path = text.hasPrefix("///") ? text.dropFirst(2) : text
    // What stands behind two slashes would be a host, perhaps with a user and a password before it.
    return path.first == "/" && !path.hasPrefix("//") ? path : nil
  }

  private static func databasePath(_ text: Substring) throws(Failure) -> String {
    guard let text = absolutePath(text) else {
      throw Failure(
        "the path behind sqlite: begins with one /, so that it does not depend on where the daemon starts")
    }
    guard text.last != "/" else { throw Failure("the path behind sqlite: names a file, no directory") }
    guard !text.contains("?") else {
      throw Failure("behind the path of sqlite: stands nothing else, and there is no question mark in it")
    }
    // What SQLite may append to it must fit as well: -journal is the longest.
    guard text.utf8.count <= Self.pathBytesMost else {
      throw Failure("the path behind sqlite: has at most \(Self.pathBytesMost) bytes")
    }
    return String(text)
  }

  /// SQLite's own limit is 512 bytes with everything that it appends.
  private static let pathBytesMost = 480
}

extension StoreLocation: CustomStringConvertible {
  /// As the setting names it. There is no secret in it.
  public var description: String {
    switch self {
    case .none: "none"
    case .sqlite(let path): "sqlite:\(path)"
    case .redis(let location): location.description
    }
  }
}
