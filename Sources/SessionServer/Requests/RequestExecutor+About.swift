import SessionCache
import SessionSegment
import SessionWire
import SystemCalls

/// Commands about the daemon itself: HELLO HELP MAP STATS METRICS.
extension RequestExecutor {
  func hello(_ role: Role, _ reply: inout [UInt8]) {
    var json = JSONWriter()
    json.beginObject()
    json.member("server", string: "sessiond")
    json.member("version", string: identity.version)
    json.member("protocol", 1)
    json.member("role", string: role.name)
    json.endObject()
    reply.appendOKPrefix()
    reply.append(contentsOf: json.bytes)
    reply.appendLineEnd()
  }

  /// The descriptor goes with the reply's first byte.
  func map(_ caller: Caller, _ batch: inout ReplyBatch) throws(RequestError) {
    guard mappers.contains(caller.peer) || caller.role == .admin && mappers != .nobody else {
      throw RequestError(.denied, "MAP is for those whom the setting mappers names")
    }
    batch.attachDescriptor()
    batch.bytes.append(contentsOf: segment.reply)
  }

  /// Ids of sessions are for those who may list them; METRICS has none.
  func stats(_ role: Role, _ now: Int64, _ reply: inout [UInt8]) {
    reply.appendOKPrefix()
    reply.append(contentsOf: serverStatistics.report(at: now, tellsBusiest: role >= .admin).json)
    reply.appendLineEnd()
  }

  /// The text is one JSON string, so that the reply is a line like every other.
  func metrics(_ now: Int64, _ reply: inout [UInt8]) {
    reply.appendOKPrefix()
    RequestWriter.appendString(serverStatistics.report(at: now).openMetrics, to: &reply)
    reply.appendLineEnd()
  }

  func help(_ reply: inout [UInt8]) {
    reply.append(contentsOf: "OK [".utf8)
    for command in Command.allCases {
      if command != Command.allCases.first { reply.append(UInt8(ascii: ",")) }
      reply.appendQuoted(Array(command.usage.utf8).span)
    }
    reply.append(contentsOf: "]\n".utf8)
  }
}
