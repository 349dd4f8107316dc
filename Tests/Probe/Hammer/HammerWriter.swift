import SessionClient
import TestSupport

/// Writes values that prove themselves to the hammered sessions, as fast as it can, and removes them, and
/// lets them expire. Prints how much it did.
struct HammerWriter {
  private let sessions: SessionClient
  private let plan: HammerPlan
  private let ledger: Ledger
  private let writer: Int
  private let deadline: Deadline
  private var random: SplitMix64
  private var counters: [Int64]
  private var writes = 0
  private var lost = 0
  private var removals = 0
  private var expirations = 0

  init(_ arguments: Arguments) throws {
    sessions = try Clients(arguments).writing
    plan = try HammerPlan(arguments)
    ledger = try Ledger(try arguments.text("ledger"), plan)
    writer = try arguments.number("writer")
    deadline = try Deadline(arguments)
    random = SplitMix64(seed: try arguments.number("seed", as: UInt64.self))
    counters = Array(repeating: 0, count: plan.sessions)
  }

  mutating func run() async throws {
    let own = (0..<plan.sessions).filter { plan.writers($0).contains(writer) }
    while !deadline.isOver {
      let session = own[random.pick(own.count)]
      let isOwner = plan.owner(session) == writer
      switch random.pick(60) {
      case 0 where isOwner: try await remove(session)
      case 1: try await removeKeys(session)
      case 2...3 where plan.isLone(session):
        try await letExpire(session)
      case 4 where isOwner: try await sessions.expire(HammerPlan.name(session), after: .seconds(600))
      default: try await write(session, ttl: nil)
      }
    }
    print("writes=\(writes) lost=\(lost) removals=\(removals) expirations=\(expirations)")
  }

  /// Writes the next value; where the reply is lost with the connection, the one after that, and so on.
  ///
  /// - Returns: when the write that was acknowledged was begun.
  @discardableResult
  private mutating func write(_ session: Int, ttl: Duration?) async throws -> Int64 {
    while true {
      do {
        return try await writeOnce(session, ttl: ttl)
      } catch SessionError.disconnected {
        lost += 1
      }
    }
  }

  private mutating func writeOnce(_ session: Int, ttl: Duration?) async throws -> Int64 {
    counters[session] += 1
    let counter = counters[session]
    let filler = random.length(most: plan.fillerMost(session))
    let proving = ProvingValue(counter: counter, writer: writer, session: session, filler: filler)
    let value = String(decoding: proving.bytes, as: UTF8.self)
    let name = HammerPlan.name(session)
    let began = bootNanoseconds()
    ledger.willWrite(session, writer, counter)
    if plan.isPaired(session) {
      try await sessions.setMany(
        name,
        [HammerPlan.key(writer): .string(value), HammerPlan.pairKey(writer): .string("\(counter)")],
        ttl: ttl)
    } else {
      try await sessions.set(name, HammerPlan.key(writer), value, ttl: ttl)
    }
    ledger.didWrite(session, writer, counter, began: began)
    writes += 1
    return began
  }

  private mutating func remove(_ session: Int) async throws {
    ledger.willRemove(session)
    try await sessions.delete(HammerPlan.name(session))
    ledger.didRemove(session, by: bootNanoseconds())
    removals += 1
  }

  private mutating func removeKeys(_ session: Int) async throws {
    ledger.willRemoveKeys(session, writer)
    try await sessions.delete(
      HammerPlan.name(session), keys: [HammerPlan.key(writer), HammerPlan.pairKey(writer)])
    ledger.didRemoveKeys(session, writer, by: bootNanoseconds())
    removals += 1
  }

  private mutating func letExpire(_ session: Int) async throws {
    let milliseconds = 5 + random.pick(40)
    ledger.willRemove(session)
    try await write(session, ttl: .milliseconds(milliseconds))
    let gone = bootNanoseconds() + Int64(milliseconds) * 1_000_000
    ledger.expires(session, by: gone)
    // Not always to the very end: a write brings it back, or comes just too late for that.
    try await Task.sleep(for: .milliseconds(random.pick(milliseconds * 3)))
    if bootNanoseconds() > gone {
      guard try await !sessions.exists(HammerPlan.name(session)) else {
        throw ProbeFailure("session \(session) exists after its time")
      }
      expirations += 1
    }
    // With its first time to live again the session does not expire, so whoever must see this write must
    // not miss the session.
    let back = try await write(session, ttl: .seconds(600))
    ledger.didRemove(session, by: back - 1)
  }
}
