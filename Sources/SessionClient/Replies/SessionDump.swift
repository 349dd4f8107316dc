/// A session with all that belongs to it, to be kept elsewhere and restored.
public struct SessionDump: Codable, Equatable, Sendable {
  /// The id.
  public var session: String
  /// The session is restored with it; nothing: with a new one.
  public var version: Int?
  /// When it began, in seconds since 1970; nothing: when it is restored.
  public var created: Double?
  /// Its idle time in seconds; nothing: the daemon's.
  public var idle: Double?
  /// When it ends if nobody uses it, in seconds since 1970; nothing: after its idle time.
  public var expires: Double?
  public var tags: [String]
  public var data: SessionValue.Object

  public init(
    session: String, version: Int? = nil, created: Double? = nil, idle: Double? = nil, expires: Double? = nil,
    tags: [String] = [], data: SessionValue.Object = [:]
  ) {
    self.session = session
    self.version = version
    self.created = created
    self.idle = idle
    self.expires = expires
    self.tags = tags
    self.data = data
  }
}

extension SessionDump {
  /// The members that there are, in the daemon's order. (The JSON coder would lose the order of the keys.)
  init(_ object: SessionValue.Object) throws(SessionError) {
    guard let session = object["session"]?.stringValue else { throw .decoding("a dump names its session") }
    self.init(
      session: session, version: object["version"]?.intValue, created: object["created"]?.doubleValue,
      idle: object["idle"]?.doubleValue, expires: object["expires"]?.doubleValue,
      tags: object["tags"]?.arrayValue?.compactMap(\.stringValue) ?? [],
      data: object["data"]?.objectValue ?? [:])
  }

  var object: SessionValue.Object {
    var object: SessionValue.Object = ["session": .string(session)]
    object["version"] = version.map { .int($0) }
    object["created"] = created.flatMap { .double($0) }
    object["idle"] = idle.flatMap { .double($0) }
    object["expires"] = expires.flatMap { .double($0) }
    object["tags"] = .array(tags.map { .string($0) })
    object["data"] = .object(data)
    return object
  }
}
