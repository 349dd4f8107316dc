import SessionCache
import SessionWire
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
  let log = RecordedLog()
  var conversation: Conversation
  /// Where in the last step's replies those begin that a descriptor goes with.
  private(set) var descriptorPositions: [Int] = []
  private let full: FullCounter
  /// What the store has answered.
  let inbox = StoreInbox()

  /// - Parameter service: the store behind the cache, if there is one.
  init(
    cache: SessionCache? = nil, clock: MovedClock = MovedClock(), role: Role = .admin,
    mappers: PeerList = .everybody, lineBytesMost: Int = 1 << 20, service: StoreService? = nil
  ) throws {
    let cache = try cache ?? makeCache()
    self.cache = cache
    self.clock = clock
    let identity = ServerIdentity(version: "9.8.7", pid: 4711, started: clock.now - 12_345_000_000, uid: 1000)
    let counted = FullCounter()
    executor = RequestExecutor(
      cache: cache, clock: clock.clock, wallClock: WallClock(clock.clock), identity: identity,
      statistics: statistics,
      serverStatistics: ServerStatistics(
        cache: cache, ledger: ledger, reactors: [statistics], identity: identity,
        wallClock: WallClock(clock.clock), store: service),
      segment: SegmentHandout(cache, statistics: statistics),
      mappers: mappers, deniedLog: DeniedLog(log.logger, clock: clock.clock),
      desk: service.map { [inbox] in StoreDesk($0, bell: inbox.bell) },
      onFull: { counted.count.wrappingAdd(1, ordering: .relaxed) })
    conversation = Conversation(
      caller: Caller(
        peer: PeerCredentials(
          pid: 1, uid: role == .admin ? identity.uid : 2000, gid: 3000, groups: [4000]), role: role),
      lineBytesMost: lineBytesMost)
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
    return step { now, reply in
      conversation.take(&bytes, count: bytes.count, executor, now: &now, reply: &reply)
    }
  }

  func goOn() -> (pause: Conversation.Pause, reply: String) {
    step { now, reply in conversation.goOn(executor, now: &now, reply: &reply) }
  }

  func end() -> String {
    var reply = ReplyBatch()
    conversation.end(reply: &reply)
    return String(decoding: reply.bytes, as: UTF8.self)
  }

  private func step(
    _ body: (inout Int64, inout ReplyBatch) -> Conversation.Pause
  ) -> (pause: Conversation.Pause, reply: String) {
    var reply = ReplyBatch()
    var now = clock.now
    let pause = body(&now, &reply)
    descriptorPositions = reply.descriptorPositions
    return (pause, String(decoding: reply.bytes, as: UTF8.self))
  }

  /// Gives the conversation some bytes and lets it go on until it wants more, as the reactor does.
  ///
  /// - Parameter untilParked: whether to stop where a request waits for the store.
  func run(
    _ bytes: some Sequence<UInt8>, untilParked: Bool = false
  ) -> (pause: Conversation.Pause, reply: String) {
    let (pause, reply) = take(bytes)
    return goOn(from: pause, reply, untilParked: untilParked)
  }

  /// The reply to what is parked.
  func awaitReply() -> String { goOnUntilDone() }

  /// Lets it go on with what is parked until it wants more.
  func goOnUntilDone() -> String {
    let (pause, reply) = goOn()
    return goOn(from: pause, reply, untilParked: false).reply
  }

  /// Lets it go on if the answer is there that it waits for.
  func goOnIfAnswered() -> (isDone: Bool, reply: String) {
    guard case .requestIsParked(let ticket) = goOn().pause else { return (true, "") }
    guard let answer = inbox.take(ticket), conversation.deliver(answer) else { return (false, "") }
    let (pause, reply) = goOn()
    if case .requestIsParked = pause { return (false, reply) }
    return (true, reply)
  }

  private func goOn(
    from pause: Conversation.Pause, _ reply: String, untilParked: Bool
  ) -> (pause: Conversation.Pause, reply: String) {
    var (pause, reply) = (pause, reply)
    while true {
      switch pause {
      case .replyIsLong, .turnIsOver, .requestIsLong: break
      case .requestIsParked where untilParked: return (pause, reply)
      case .requestIsParked(let ticket):
        // What never comes fails the test that asked for it.
        guard let answer = inbox.wait(for: ticket), conversation.deliver(answer) else {
          return (pause, reply)
        }
      case .needsInput, .closing: return (pause, reply)
      }
      let step = goOn()
      pause = step.pause
      reply += step.reply
    }
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
