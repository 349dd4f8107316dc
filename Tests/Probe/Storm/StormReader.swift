import SessionClient
import TestSupport

/// Reads sessions that are renamed all the time, and judges what it sees: each is under exactly one id at every
/// moment, or can be read under its last ones where it was renamed with a grace. Prints how much it read.
struct StormReader {
  private let clients: Clients
  private let plan: StormPlan
  private let ledger: StormLedger
  private let deadline: Deadline
  private var random: SplitMix64
  private var reads = 0
  private var found = 0
  private var pursuits = 0

  init(_ arguments: Arguments) throws {
    clients = try Clients(arguments)
    plan = try StormPlan(arguments)
    ledger = try StormLedger(arguments, plan)
    deadline = try Deadline(arguments)
    random = SplitMix64(seed: try arguments.number("seed", as: UInt64.self))
  }

  mutating func run() async throws {
    while !deadline.isOver {
      let session = random.pick(plan.sessions)
      guard ledger.exists(session) else {
        try await Task.sleep(for: .milliseconds(1))
        continue
      }
      if StormPlan.hasGrace(session) { try await readAlias(session) } else { try await pursue(session) }
    }
    print("reads=\(reads) found=\(found) pursuits=\(pursuits)")
  }

  /// Whether the session is under an id. What is found there proves that it is this one.
  private mutating func isThere(_ session: Int, _ number: Int64) async throws -> Bool {
    reads += 1
    let client = clients.reading(random.pick(6))
    let id = StormPlan.id(session, number)
    var proof: Int?
    switch random.pick(3) {
    case 0:
      guard let whole = try await client.get(id, as: SessionValue.Object.self) else { return false }
      guard whole.count == 2 else { throw ProbeFailure("\(id) is not whole: \(whole)") }
      proof = whole[StormPlan.proofKey]?.intValue
    case 1: proof = try await client.peek(id, StormPlan.proofKey, as: Int.self)
    default: proof = try await client.get(id, StormPlan.proofKey, as: Int.self)
    }
    guard let proof else { return false }
    guard proof >> 40 == session, proof <= StormPlan.proof(session, ledger.begun(session)) else {
      throw ProbeFailure("\(id) has the proof of session \(proof >> 40), number \(proof & (1 << 40 - 1))")
    }
    found += 1
    return true
  }

  /// Goes after a session until it is found: under the id that it had, or the next one, and so on, as fast as it is
  /// renamed. It is never under two of them, and never under none.
  private mutating func pursue(_ session: Int) async throws {
    var number = ledger.done(session)
    while !deadline.isOver {
      if try await isThere(session, number) { return try await expectOneID(session, number) }
      guard ledger.begun(session) > number else {
        throw ProbeFailure("session \(session) is not under id \(number), and was not renamed")
      }
      pursuits += 1
      number += 1
    }
  }

  /// It was found under an id: so it is under none before, and if it is under a later one, not under this one.
  private mutating func expectOneID(_ session: Int, _ number: Int64) async throws {
    guard ledger.begun(session) >= number else {
      throw ProbeFailure("session \(session) is under id \(number), to which nobody renamed it yet")
    }
    if number > 0, try await isThere(session, number - 1) {
      throw ProbeFailure("session \(session) is under id \(number - 1) again")
    }
    if try await isThere(session, number + 1) {
      guard ledger.begun(session) > number else {
        throw ProbeFailure("session \(session) is under id \(number + 1), to which nobody renamed it yet")
      }
      if try await isThere(session, number) {
        throw ProbeFailure("session \(session) is under id \(number) and the one after it")
      }
    }
  }

  /// One of the last ids, which leads to the session however often it is renamed meanwhile, as far as the daemon
  /// follows.
  private mutating func readAlias(_ session: Int) async throws {
    let done = ledger.done(session)
    let number = max(0, done - Int64(random.pick(4)))
    if try await isThere(session, number) { return }
    let begun = ledger.begun(session)
    guard begun - number > StormPlan.hopsMost else {
      throw ProbeFailure("session \(session) can't be read under id \(number), and is not beyond \(begun)")
    }
  }
}
