import SessionCache
import Synchronization
import SystemCalls

@testable import SessionServer

/// A client's conversation with a real cache on a moved clock, without a socket between them.
final class Dialogue {
  let cache: SessionCache
  let clock: MovedClock
  let executor: RequestExecutor
  let statistics = ReactorStatistics()
  let ledger = ConnectionLedger(most: 10, mostPerUser: 5)
  var conversation: Conversation
  private let full: FullCounter

  init(
    cache: SessionCache? = nil, clock: MovedClock = MovedClock(), role: Role = .admin,
    lineBytesMost: Int = 1 << 20
  ) throws {
    let cache = try cache ?? makeCache()
    self.cache = cache
    self.clock = clock
    let identity = ServerIdentity(version: "9.8.7", pid: 4711, started: clock.now - 12_345_000_000, uid: 1000)
    let counted = FullCounter()
    executor = RequestExecutor(
      cache: cache, clock: clock.clock, identity: identity, statistics: statistics,
      serverStatistics: ServerStatistics(
        cache: cache, ledger: ledger, reactors: [statistics], identity: identity),
      onFull: { counted.count.wrappingAdd(1, ordering: .relaxed) })
    conversation = Conversation(role: role, lineBytesMost: lineBytesMost)
    full = counted
  }

  private final class FullCounter: Sendable {
    let count = Atomic<Int>(0)
  }

  /// How often the executor said that the cache is full.
  var timesFull: Int { full.count.load(ordering: .relaxed) }

  /// Gives the conversation some bytes; answers why it paused and what it replied.
  func take(_ bytes: some Sequence<UInt8>) -> (pause: Conversation.Pause, reply: String) {
    var bytes = [UInt8](bytes)
    var reply: [UInt8] = []
    var now = clock.now
    let pause = conversation.take(&bytes, count: bytes.count, executor, now: &now, reply: &reply)
    return (pause, String(decoding: reply, as: UTF8.self))
  }

  func goOn() -> (pause: Conversation.Pause, reply: String) {
    var reply: [UInt8] = []
    var now = clock.now
    let pause = conversation.goOn(executor, now: &now, reply: &reply)
    return (pause, String(decoding: reply, as: UTF8.self))
  }

  func end() -> String {
    var reply: [UInt8] = []
    conversation.end(reply: &reply)
    return String(decoding: reply, as: UTF8.self)
  }

  /// Gives the conversation some bytes and lets it go on until it wants more, as the reactor does.
  func run(_ bytes: some Sequence<UInt8>) -> (pause: Conversation.Pause, reply: String) {
    var (pause, reply) = take(bytes)
    while pause == .replyIsLong || pause == .turnIsOver || pause == .flushing {
      let step = goOn()
      pause = step.pause
      reply += step.reply
    }
    return (pause, reply)
  }

  /// The reply to one request, without its line end.
  func ask(_ request: String) -> String {
    String(run("\(request)\n".utf8).reply.dropLast())
  }

  /// The version that a write answered with.
  func version(_ request: String) -> UInt64? {
    let reply = ask(request)
    return reply.hasPrefix("OK ") ? UInt64(reply.dropFirst(3)) : nil
  }
}
