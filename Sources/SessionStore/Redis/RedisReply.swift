import CHiredis

/// What a server has answered (RESP2), in memory of its own.
enum RedisReply: Sendable, Equatable {
  case string([UInt8])
  case status(String)
  case integer(Int64)
  case array([RedisReply])
  case null
  /// Its first word says what kind of error.
  case error(String)

  /// Takes a reply of hiredis over, and frees it.
  init?(owning reply: UnsafeMutablePointer<redisReply>) {
    defer { freeReplyObject(reply) }
    self.init(copying: reply.pointee)
  }

  /// nil for a type that RESP2 does not have.
  private init?(copying reply: redisReply) {
    switch reply.type {
    case REDIS_REPLY_STRING: self = .string(Self.bytes(of: reply))
    case REDIS_REPLY_STATUS: self = .status(String(decoding: Self.bytes(of: reply), as: UTF8.self))
    case REDIS_REPLY_ERROR: self = .error(String(decoding: Self.bytes(of: reply), as: UTF8.self))
    case REDIS_REPLY_INTEGER: self = .integer(reply.integer)
    case REDIS_REPLY_NIL: self = .null
    case REDIS_REPLY_ARRAY:
      var elements: [RedisReply] = []
      elements.reserveCapacity(reply.elements)
      for index in 0..<reply.elements {
        // hiredis has filled as many as it says when it hands a whole reply out.
        guard let element = reply.element[index], let element = RedisReply(copying: element.pointee) else {
          return nil
        }
        elements.append(element)
      }
      self = .array(elements)
    default: return nil
    }
  }

  private static func bytes(of reply: redisReply) -> [UInt8] {
    guard let text = reply.str else { return [] }
    // hiredis owns `len` bytes there until the reply is freed.
    return [UInt8](UnsafeRawBufferPointer(start: text, count: reply.len))
  }

  var bytes: [UInt8]? {
    if case .string(let bytes) = self { bytes } else { nil }
  }

  var text: String? {
    switch self {
    case .string(let bytes): String(decoding: bytes, as: UTF8.self)
    case .status(let text): text
    default: nil
    }
  }

  var elements: [RedisReply]? {
    if case .array(let elements) = self { elements } else { nil }
  }
}
