import Synchronization
import TestSupport

/// A client under which everything comes and goes: sessions begin, grow, shrink, are tagged, end by their time, by DEL and
/// by REVOKE; and its connection, too.
struct ChurnClient {
  /// Requests that are sent before their replies are read.
  private static let batch = 50
  /// Batches on one connection.
  private static let batchesPerConnection = 40
  /// Ids that are used again and again.
  private static let sessions = 20_000

  private let socket: String
  /// Seconds; those that nobody uses for so long end.
  private let ttl: Double
  /// How many requests a second this client sends at most.
  private let rate: Double
  private var random: SplitMix64

  init(socket: String, ttl: Double, rate: Double, seed: UInt64) {
    self.socket = socket
    self.ttl = ttl
    self.rate = rate
    random = SplitMix64(seed: seed)
  }

  /// Works until it is told to end, and counts the requests that were answered.
  mutating func run(until isOver: borrowing Atomic<Bool>, counting answered: borrowing Atomic<Int>) throws {
    while !isOver.load(ordering: .relaxed) {
      let connection = try RawConnection(path: socket)
      for _ in 0..<Self.batchesPerConnection where !isOver.load(ordering: .relaxed) {
        let begun = secondsSinceBoot()
        let requests = (0..<Self.batch).map { _ in request() }
        let replies = try connection.exchange(Array(requests.joined().utf8), replies: requests.count)
        for (request, reply) in zip(requests, replies) {
          // An id that was revoked is closed for a while.
          let isRight = reply.isReply && (reply.errorCode == nil || reply.errorCode == "revoked")
          guard isRight else { throw Failure("\(request.prefix(80)): \(reply)") }
        }
        answered.add(Self.batch, ordering: .relaxed)
        let left = Double(Self.batch) / rate - (secondsSinceBoot() - begun)
        if left > 0 { pause(milliseconds: UInt32(left * 1000)) }
      }
    }
  }

  private mutating func request() -> String {
    let session = "s\(random.pick(Self.sessions))"
    switch random.pick(100) {
    case 0..<38:
      let value = String(repeating: "v", count: 20 + random.pick(600))
      return "SET \(session) k\(random.pick(3)) TTL \(ttl) \"\(value)\"\n"
    case 38..<74: return "GET \(session) k\(random.pick(3))\n"
    case 74..<80: return "INCR \(session) n\n"
    case 80..<85: return "TOUCH \(session)\n"
    case 85..<92: return "DEL \(session)\n"
    case 92..<95: return "TAG \(session) user:\(random.pick(500))\n"
    case 95..<97: return "REVOKE \(session)\n"
    case 97..<99: return "MSET \(session) TTL \(ttl) DROP k0 {\"k1\":\"x\",\"k2\":[1,2]}\n"
    default: return "NEW TTL \(ttl) {\"user\":\(random.pick(500))}\n"
    }
  }
}
