import SystemCalls

/// A server of Redis or Valkey, and what of it the sessions are kept in.
public struct RedisLocation: Sendable, Equatable {
  public enum Endpoint: Sendable, Equatable {
    /// A name or an address, an IPv6 one without its brackets.
    case tcp(host: String, port: UInt16)
    /// An absolute path.
    case unix(path: String)
  }

  public var endpoint: Endpoint
  /// Whom to log in as; nil: whom the credentials name, or else the server's default user.
  public var user: String?
  public var database: Int
  /// What the names of all keys begin with, before a colon: 1 to 64 letters, digits, `-`, `_` and `.`.
  public var prefix: String

  public static let defaultPort: UInt16 = 6379
  public static let defaultPrefix = "sessiond"
  /// More than any server is set up with.
  public static let databaseMost = 65_535
  private static let prefixBytesMost = 64
  /// A name of the DNS has 253.
  private static let hostBytesMost = 255
  private static let userBytesMost = 255

  public init(
    endpoint: Endpoint, user: String? = nil, database: Int = 0, prefix: String = RedisLocation.defaultPrefix
  ) {
    self.endpoint = endpoint
    self.user = user
    self.database = database
    self.prefix = prefix
  }

  /// What stands behind `redis://`.
  init(address text: Substring) throws(StoreLocation.Failure) {
    // First, so that no other complaint is made about a text with a password in it.
    let whole = text.prefix { $0 != "?" }
    if let at = whole.lastIndex(of: "@"), whole[..<at].contains(":") {
      throw StoreLocation.Failure(
        "a password in the address can be seen by others; put it into a file and name that with store-credentials"
      )
    }
    let authority = whole.prefix { $0 != "/" }
    var host = authority
    var user: String?
    if let at = authority.lastIndex(of: "@") {
      user = try Self.user(authority[..<at])
      host = authority[authority.index(after: at)...]
    }
    self.init(endpoint: try Self.endpoint(host), user: user)
    let path = whole.dropFirst(authority.count + 1)
    if !path.isEmpty { database = try Self.database(path) }
    try takeOptions(of: text.dropFirst(whole.count), but: "db")
  }

  /// What stands behind `unix:`.
  init(path text: Substring) throws(StoreLocation.Failure) {
    let place = text.prefix { $0 != "?" }
    guard let path = StoreLocation.absolutePath(place) else {
      throw StoreLocation.Failure(
        "the path behind unix: begins with one /; user and password stand in a file that store-credentials names"
      )
    }
    guard UnixAddress(path: String(path)) != nil else {
      throw StoreLocation.Failure("the path behind unix: has at most \(UnixAddress.pathBytesMost) bytes")
    }
    self.init(endpoint: .unix(path: String(path)))
    try takeOptions(of: text.dropFirst(place.count), but: nil)
  }

  /// `?name=value&…`, of which `excluded` is said in another way.
  private mutating func takeOptions(
    of text: Substring, but excluded: Substring?
  ) throws(StoreLocation.Failure) {
    guard !text.isEmpty else { return }
    var names: Set<Substring> = []
    for option in text.dropFirst().split(separator: "&", omittingEmptySubsequences: false) {
      let name = option.prefix { $0 != "=" }
      let value = option.dropFirst(name.count + 1)
      let isNew = names.insert(name).inserted
      switch name {
      case "prefix" where !isNew, "db" where !isNew:
        throw StoreLocation.Failure("\(name) stands behind the question mark once")
      case "prefix": prefix = try Self.prefix(value)
      case "db" where excluded != "db": database = try Self.database(value)
      default:
        throw StoreLocation.Failure(
          "behind the question mark stand \(excluded == nil ? "db=N and prefix=NAME" : "prefix=NAME") and nothing else"
        )
      }
    }
  }

  // MARK: Parts

  private static func endpoint(_ text: Substring) throws(StoreLocation.Failure) -> Endpoint {
    var host = text
    var port: Substring?
    if text.first == "[" {
      guard let end = text.firstIndex(of: "]") else {
        throw StoreLocation.Failure("an IPv6 address stands in brackets: redis://[::1]:6379")
      }
      host = text[text.index(after: text.startIndex)..<end]
      let behind = text[text.index(after: end)...]
      guard behind.isEmpty || behind.first == ":" else {
        throw StoreLocation.Failure("behind the brackets of an IPv6 address stands :PORT or nothing")
      }
      if !behind.isEmpty { port = behind.dropFirst() }
    } else if let colon = text.firstIndex(of: ":") {
      host = text[..<colon]
      port = text[text.index(after: colon)...]
    }
    let isBracketed = text.first == "["
    guard !host.isEmpty, host.utf8.count <= hostBytesMost,
      host.utf8.allSatisfy({
        isNameByte($0) || (isBracketed && ($0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "%")))
      })
    else {
      throw StoreLocation.Failure("redis:// wants the name or the address of a host")
    }
    return .tcp(host: String(host), port: try port.map(Self.port) ?? defaultPort)
  }

  private static func port(_ text: Substring) throws(StoreLocation.Failure) -> UInt16 {
    guard let port = number(text, most: 65_535), port > 0 else {
      throw StoreLocation.Failure("the port is a number from 1 to 65535")
    }
    return UInt16(port)
  }

  private static func database(_ text: Substring) throws(StoreLocation.Failure) -> Int {
    guard let number = number(text, most: databaseMost) else {
      throw StoreLocation.Failure("the database is a number from 0 to \(databaseMost)")
    }
    return number
  }

  private static func user(_ text: Substring) throws(StoreLocation.Failure) -> String {
    guard !text.isEmpty, text.utf8.count <= userBytesMost, !text.contains(" ") else {
      throw StoreLocation.Failure("a user's name has 1 to \(userBytesMost) bytes and no space")
    }
    return String(text)
  }

  private static func prefix(_ text: Substring) throws(StoreLocation.Failure) -> String {
    guard 1...prefixBytesMost ~= text.utf8.count, text.utf8.allSatisfy(isNameByte) else {
      throw StoreLocation.Failure(
        "the prefix has 1 to \(prefixBytesMost) letters of ASCII, digits, hyphens, underscores and points")
    }
    return String(text)
  }

  private static func number(_ text: Substring, most: Int) -> Int? {
    guard text.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 }), let number = Int(text), number <= most
    else {
      return nil
    }
    return number
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}

extension RedisLocation: CustomStringConvertible {
  /// As the setting names it, with what goes without saying left out.
  public var description: String {
    let named = prefix == Self.defaultPrefix ? [] : ["prefix=\(prefix)"]
    switch endpoint {
    case .tcp(let host, let port):
      let place = host.contains(":") ? "[\(host)]" : host
      let address = "redis://\(user.map { "\($0)@" } ?? "")\(place):\(port)/\(database)"
      return ([address] + named).joined(separator: "?")
    case .unix(let path):
      let options = (database == 0 ? [] : ["db=\(database)"]) + named
      return options.isEmpty ? "unix:\(path)" : "unix:\(path)?\(options.joined(separator: "&"))"
    }
  }
}
