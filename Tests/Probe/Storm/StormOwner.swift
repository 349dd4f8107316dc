import SessionClient
import TestSupport

/// Renames its sessions as fast as it can, and sees to it that nothing can be done any more under their old ids.
/// Prints how much it did.
struct StormOwner {
  private let sessions: SessionClient
  private let plan: StormPlan
  private let ledger: StormLedger
  private let owner: Int
  private let deadline: Deadline
  private var random: SplitMix64
  private var numbers: [Int64]
  private var renames = 0
  private var lost = 0
  private var refused = 0

  init(_ arguments: Arguments) throws {
    sessions = try Clients(arguments).writing
    plan = try StormPlan(arguments)
    ledger = try StormLedger(arguments, plan)
    owner = try arguments.number("owner")
    deadline = try Deadline(arguments)
    random = SplitMix64(seed: try arguments.number("seed", as: UInt64.self))
    numbers = Array(repeating: 0, count: plan.sessions)
  }

  mutating func run() async throws {
    let own = (0..<plan.sessions).filter { plan.owner($0) == owner }
    for session in own {
      try await write(session, filler: random.length(most: 2_000))
      ledger.setExists(session)
    }
    while !deadline.isOver {
      let session = own[random.pick(own.count)]
      try await rename(session)
      if random.pick(2) == 0 { try await write(session, filler: random.length(most: 2_000)) }
      if random.pick(8) == 0 { try await writeLate(session) }
    }
    print("renames=\(renames) lost=\(lost) refused=\(refused)")
  }

  /// Writes to a session which one it is, and something that makes it larger or smaller.
  private mutating func write(_ session: Int, filler: Int) async throws {
    let number = numbers[session]
    try await repeating {
      try await $0.setMany(
        StormPlan.id(session, number),
        [
          StormPlan.proofKey: .int(StormPlan.proof(session, number)),
          "filler": .string(String(repeating: "f", count: filler)),
        ], ttl: StormPlan.timeToLive)
    }
  }

  private mutating func rename(_ session: Int) async throws {
    let (old, new) = (numbers[session], numbers[session] + 1)
    let grace = StormPlan.hasGrace(session) ? StormPlan.timeToLive : nil
    ledger.setBegun(session, new)
    var isDone = false
    while !isDone {
      do {
        let given = try await sessions.rename(
          StormPlan.id(session, old), to: StormPlan.id(session, new), grace: grace)
        guard given != nil else { throw ProbeFailure("session \(session) is not under id \(old)") }
        isDone = true
      } catch SessionError.disconnected {
        lost += 1
        isDone = try await wasRenamed(session, from: old, to: new)
      }
    }
    numbers[session] = new
    ledger.setDone(session, new)
    renames += 1
  }

  /// Where the reply was lost: the session must be under exactly one of the two ids.
  private mutating func wasRenamed(_ session: Int, from old: Int64, to new: Int64) async throws -> Bool {
    let isNew = try await repeating { try await $0.exists(StormPlan.id(session, new)) }
    let isOld = try await repeating { try await $0.exists(StormPlan.id(session, old)) }
    // Under an alias it is as well, once it is renamed.
    guard isNew || isOld, !(isNew && isOld) || StormPlan.hasGrace(session) else {
      throw ProbeFailure(
        "session \(session) is under \(isNew ? "both ids" : "neither id"), \(old) and \(new)")
    }
    return isNew
  }

  /// A change under an old id is refused, whatever it is.
  private mutating func writeLate(_ session: Int) async throws {
    let id = StormPlan.id(session, numbers[session] - 1)
    let kind = random.pick(5)
    do {
      try await repeating { sessions in
        switch kind {
        case 0: try await sessions.set(id, "late", 1)
        case 1: try await sessions.increment(id, StormPlan.proofKey)
        case 2: try await sessions.delete(id, keys: [StormPlan.proofKey])
        case 3: try await sessions.expire(id, after: .milliseconds(1))
        default: try await sessions.rename(id, to: "\(id)-again")
        }
      }
      throw ProbeFailure("session \(session): a late change of kind \(kind) was not refused")
    } catch SessionError.revoked {
      refused += 1
    }
  }

  /// Asks again while the daemon is killed; only for what may be done twice.
  @discardableResult
  private mutating func repeating<Result>(
    _ body: (SessionClient) async throws -> Result
  ) async throws -> Result {
    while true {
      do {
        return try await body(sessions)
      } catch SessionError.disconnected {
        lost += 1
      }
    }
  }
}
