import ArgumentParser
import SessionClient

/// The ways to read that can be measured.
enum ReadMode: String, CaseIterable, ExpressibleByArgument {
  /// Out of the mapping: the bytes of the JSON text.
  case bytes
  /// Out of the mapping, as a `String`, by a thread that may block.
  case string
  /// Out of the mapping, as a `String`, awaited.
  case async
  /// Out of the mapping: the bytes of a small value, always of the same session.
  case hot
  /// Out of the mapping: the bytes of the value of a small session, such as `sessionbench scale fill` makes.
  case small
  /// The client library over the socket, by a thread that may block.
  case socket
  /// The daemon over a bare socket.
  case raw
  /// `GET` of Redis over a bare socket.
  case redisGet = "redis-get"
  /// `HGET` of Redis over a bare socket.
  case redisHGet = "redis-hget"

  func method(_ socket: String) throws -> any ReadMethod {
    switch self {
    case .bytes:
      return MappedBytes(sessions: SessionClient(socket: socket).blocking)
    case .hot:
      return HotBytes(sessions: SessionClient(socket: socket).blocking)
    case .small:
      return SmallBytes(sessions: SessionClient(socket: socket).blocking)
    case .string:
      return BlockingString(sessions: SessionClient(socket: socket).blocking)
    case .async:
      return AsyncString(sessions: SessionClient(socket: socket))
    case .socket:
      let options = SessionClient.Options(mapping: .off)
      return BlockingString(sessions: SessionClient(socket: socket, options: options).blocking)
    case .raw:
      return try RawRoundTrip(
        socket: socket, request: Server.sessiond.read, prefix: "OK ", suffix: "\n")
    case .redisGet:
      return try redis(socket, .redis)
    case .redisHGet:
      return try redis(socket, .redisHash)
    }
  }

  private func redis(_ socket: String, _ server: Server) throws -> RawRoundTrip {
    try RawRoundTrip(
      socket: socket, request: server.read, prefix: "$\(SessionShape.valueBytes + 2)\r\n", suffix: "\r\n")
  }

  /// The JSON text that a read must find.
  func expectation(_ id: String) -> String {
    switch self {
    case .hot: "\"\(id.prefix(SessionShape.smallBytes))\""
    case .small: ScaleSession.json(id)
    case .bytes, .string, .async, .socket, .raw, .redisGet, .redisHGet: "\"\(SessionShape.value(id))\""
    }
  }
}
