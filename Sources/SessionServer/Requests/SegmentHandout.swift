import SessionCache
import SessionSegment
import SessionWire
import SystemCalls

/// What MAP hands out, for one reactor: a read-only descriptor of the segment, and the reply that goes
/// with it.
final class SegmentHandout: Sendable {
  private let shared: SharedDescriptor
  /// The reply to MAP, a whole line.
  let reply: [UInt8]
  private let statistics: ReactorStatistics
  private let log: RateLimitedLog

  /// - Parameter log: hears of descriptors that could not be sent.
  init(_ cache: SessionCache, statistics: ReactorStatistics, log: RateLimitedLog) {
    shared = cache.readOnlyDescriptor
    self.statistics = statistics
    self.log = log
    var json = JSONWriter()
    json.beginObject()
    json.member("format", SegmentLayout.formatVersion)
    json.member("size", cache.segmentBytes)
    json.member("segment", string: cache.segmentID.description)
    json.endObject()
    var reply: [UInt8] = []
    reply.appendOKPrefix()
    reply.append(contentsOf: json.bytes)
    reply.appendLineEnd()
    self.reply = reply
  }

  var descriptor: Int32 { shared.number }

  func noteHandedOut() { statistics.count(statistics.maps) }

  /// What a client hears whose descriptor can't be sent.
  func refusal(_ error: SystemCallError) -> RequestError {
    log.log("a client does not get the segment's descriptor and has to do with the socket: \(error)")
    return RequestError(.unavailable, "the descriptor can't be sent: \(error)")
  }
}
