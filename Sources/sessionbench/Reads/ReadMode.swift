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
  /// The client library over the socket, by a thread that may block.
  case socket
  /// The daemon over a bare socket.
  case raw
  /// `GET` of Redis over a bare socket.
  case redisGet = "redis-get"
  /// `HGET` of Redis over a bare socket.
  case redisHGet = "redis-hget"

  func method(_ socket: String) throws -> any ReadMethod {
    let valueKey = SessionShape.valueKey
    switch self {
    case .bytes:
      return MappedBytes(sessions: SessionClient(socket: socket).blocking)
    case .hot:
      return HotBytes(sessions: SessionClient(socket: socket).blocking)
    case .string:
      return BlockingString(sessions: SessionClient(socket: socket).blocking)
    case .async:
      return AsyncString(sessions: SessionClient(socket: socket))
    case .socket:
      let options = SessionClient.Options(mapping: .off)
      return BlockingString(sessions: SessionClient(socket: socket, options: options).blocking)
    case .raw:
      return try RawRoundTrip(
        socket: socket, request: { Array("GET \($0) \(valueKey)\n".utf8) }, prefix: "OK ", suffix: "\n")
    case .redisGet:
      return try redis(socket) { Server.resp(["GET", Server.plainKey($0)]) }
    case .redisHGet:
      return try redis(socket) { Server.resp(["HGET", $0, valueKey]) }
    }
  }

  private func redis(_ socket: String, _ request: (String) -> [UInt8]) throws -> RawRoundTrip {
    try RawRoundTrip(
      socket: socket, request: request, prefix: "$\(SessionShape.valueBytes + 2)\r\n", suffix: "\r\n")
  }

  /// The JSON text that a read must find.
  func expectation(_ id: String) -> String {
    self == .hot ? "\"\(id.prefix(SessionShape.smallBytes))\"" : "\"\(SessionShape.value(id))\""
  }
}
