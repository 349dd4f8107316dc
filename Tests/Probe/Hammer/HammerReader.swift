import SessionClient
import TestSupport

/// Reads the hammered sessions as fast as it can and judges what it sees: every value proves itself, no
/// counter goes back, and nothing is older than what was acknowledged before the read began. Prints how
/// much it read.
struct HammerReader {
  private let clients: Clients
  private let plan: HammerPlan
  private let ledger: Ledger
  private let deadline: Deadline
  private var random: SplitMix64
  /// The latest counter seen so far, by session and writer.
  private var latest: [[Int64]]
  private var reads = 0
  private var values = 0
  private var missing = 0

  init(_ arguments: Arguments) throws {
    clients = try Clients(arguments)
    plan = try HammerPlan(arguments)
    ledger = try Ledger(try arguments.text("ledger"), plan)
    deadline = try Deadline(arguments)
    random = SplitMix64(seed: try arguments.number("seed", as: UInt64.self))
    latest = Array(repeating: Array(repeating: 0, count: plan.writers), count: plan.sessions)
  }

  mutating func run() async throws {
    while !deadline.isOver {
      let session = random.pick(plan.sessions)
      switch random.pick(10) {
      case 0: try await judge(session, plan.writers(session), readWhole(session))
      case 1: try await judgeExistence(session)
      case 2...3 where plan.isPaired(session):
        let writer = plan.writers(session).randomElement(using: &random)!
        try await judge(session, writer...writer, readPair(session, writer))
      default:
        let writer = plan.writers(session).randomElement(using: &random)!
        try await judge(session, writer...writer, readOne(session, writer))
      }
      reads += 1
    }
    print("reads=\(reads) values=\(values) missing=\(missing)")
  }

  private mutating func client() -> Reads { clients.reading(random.pick(6)) }
}

// The reads: what they found, nil where there was nothing.
extension HammerReader {
  private typealias Read = () async throws -> StoredFields?

  private mutating func readOne(_ session: Int, _ writer: Int) -> Read {
    let (client, name, key) = (client(), HammerPlan.name(session), HammerPlan.key(writer))
    let isLone = plan.isLone(session)
    return {
      let found =
        isLone
        ? try await client.peek(name, key, as: SessionJSON.self)
        : try await client.get(name, key, as: SessionJSON.self)
      guard let found else { return nil }
      guard let fields = StoredFields(value: found.text, of: key) else { throw torn(found.text) }
      return fields
    }
  }

  private mutating func readWhole(_ session: Int) -> Read {
    let (client, name, isLone) = (client(), HammerPlan.name(session), plan.isLone(session))
    return {
      let found =
        isLone
        ? try await client.peek(name, as: SessionJSON.self) : try await client.get(name, as: SessionJSON.self)
      guard let found else { return nil }
      guard let fields = StoredFields(object: found.text) else { throw torn(found.text) }
      return fields
    }
  }

  private mutating func readPair(_ session: Int, _ writer: Int) -> Read {
    guard !plan.isLone(session) else { return readWhole(session) }
    let (client, name) = (client(), HammerPlan.name(session))
    let keys = [HammerPlan.key(writer), HammerPlan.pairKey(writer)]
    return {
      guard let found = try await client.getMany(name, keys, as: SessionJSON.self) else { return nil }
      guard let fields = StoredFields(object: found.text) else { throw torn(found.text) }
      return fields
    }
  }
}

extension HammerReader {
  /// Reads, and compares what was found of some writers with what had to be found.
  private mutating func judge(_ session: Int, _ writers: ClosedRange<Int>, _ read: Read) async throws {
    let expected = writers.map { ledger.expectation(session, $0) }
    let began = bootNanoseconds()
    let found = try await read()
    for (writer, expected) in zip(writers, expected) {
      let what = "session \(session), writer \(writer)"
      guard let proven = found?.value(HammerPlan.key(writer)) else {
        missing += 1
        guard
          expected.counter == 0
            || ledger.mayBeRemoved(session, writer, writtenAfter: expected.began)
        else { throw ProbeFailure("\(what): \(expected.counter) was acknowledged, and is missing") }
        continue
      }
      values += 1
      guard let value = proven, value.writer == writer, value.session == session else {
        throw ProbeFailure("\(what): a torn value")
      }
      try judge(value.counter, expected, began, what, session, writer)
      if let pair = found?.number(HammerPlan.pairKey(writer)), pair != value.counter {
        throw ProbeFailure("\(what): \(value.counter) beside \(pair ?? -1), half of an MSET")
      }
    }
  }

  private mutating func judge(
    _ counter: Int64, _ expected: Ledger.Expectation, _ began: Int64, _ what: String, _ session: Int,
    _ writer: Int
  ) throws {
    guard counter >= expected.counter else {
      throw ProbeFailure("\(what): \(counter) after \(expected.counter) was acknowledged")
    }
    guard counter >= latest[session][writer] else {
      throw ProbeFailure("\(what): \(counter) after this reader saw \(latest[session][writer])")
    }
    guard counter <= ledger.latestCounter(session, writer) else {
      throw ProbeFailure("\(what): \(counter), which nobody wrote yet")
    }
    if expected.goneAfter > 0, began > expected.goneAfter, counter <= expected.counter {
      throw ProbeFailure("\(what): \(counter) after its time")
    }
    latest[session][writer] = counter
  }

  private mutating func judgeExistence(_ session: Int) async throws {
    let expected = plan.writers(session).map { ledger.expectation(session, $0) }
    guard try await !client().exists(HammerPlan.name(session)) else { return }
    missing += 1
    let isLegal = expected.allSatisfy {
      $0.counter == 0 || ledger.mayBeRemoved(session, writtenAfter: $0.began)
    }
    guard isLegal else { throw ProbeFailure("session \(session) does not exist, though nobody removed it") }
  }
}

private func torn(_ text: String) -> ProbeFailure {
  ProbeFailure("not what anybody wrote: \(text.prefix(200))")
}
