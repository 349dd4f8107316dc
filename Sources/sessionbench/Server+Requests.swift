import SessionWire

extension Server {
  /// The requests that make a session which is then read and written value by value, and how many they are.
  func creation(
    _ id: String, valueBytes: Int = SessionShape.valueBytes
  ) throws -> (bytes: [UInt8], requests: Int) {
    let json = "\"\(SessionShape.value(id, bytes: valueBytes))\""
    switch self {
    case .sessiond:
      return (try whole(id, valueBytes: valueBytes), 1)
    case .redis, .redisHash:
      // A hash as a session would be kept, and the value by itself, which is read quicker.
      let hash = try Server.redisHash.whole(id, valueBytes: valueBytes)
      return (hash + Self.resp(["SET", Self.plainKey(id), json]), 2)
    case .memcached:
      return (Self.memcachedSet(Self.plainKey(id), json), 1)
    }
  }

  /// The request that keeps a session as one thing: with Redis as a hash or as one JSON text, with memcached as one
  /// JSON text.
  func whole(_ id: String, valueBytes: Int) throws -> [UInt8] {
    let fields = SessionShape.fields(id, valueBytes: valueBytes)
    switch self {
    case .sessiond: return try RequestWriter.mset(id, fields)
    case .redis: return Self.resp(["SET", id, SessionShape.object(fields)])
    case .redisHash: return Self.resp(["HSET", id] + fields.flatMap { [$0.key, $0.json] })
    case .memcached: return Self.memcachedSet(id, SessionShape.object(fields))
    }
  }

  /// The request for a session's value.
  func read(_ id: String) throws -> [UInt8] {
    switch self {
    case .sessiond: return try RequestWriter.get(id, SessionShape.valueKey)
    case .redis: return Self.resp(["GET", Self.plainKey(id)])
    case .redisHash: return Self.resp(["HGET", id, SessionShape.valueKey])
    case .memcached: return Array("get \(Self.plainKey(id))\r\n".utf8)
    }
  }

  /// The request that sets a session's value to a JSON text.
  func write(_ id: String, _ json: String) throws -> [UInt8] {
    switch self {
    case .sessiond: return try RequestWriter.set(id, SessionShape.valueKey, json)
    case .redis: return Self.resp(["SET", Self.plainKey(id), json])
    case .redisHash: return Self.resp(["HSET", id, SessionShape.valueKey, json])
    case .memcached: return Self.memcachedSet(Self.plainKey(id), json)
    }
  }

  /// The key under which a session's value is kept by itself.
  static func plainKey(_ id: String) -> String { "\(id):\(SessionShape.valueKey)" }

  /// A Redis command (RESP2, an array of bulk strings).
  static func resp(_ words: [String]) -> [UInt8] {
    let parts = words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }
    return Array("*\(words.count)\r\n\(parts.joined())".utf8)
  }

  private static func memcachedSet(_ key: String, _ value: String) -> [UInt8] {
    Array("set \(key) 0 0 \(value.utf8.count)\r\n\(value)\r\n".utf8)
  }
}
