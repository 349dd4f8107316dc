import Linearizability
import TestSupport

/// A session that does one request at a time, and clients around it: makes histories that are linearizable
/// because they were made in an order.
///
/// It shares nothing with the checker's model of a session.
struct StoreSimulation {
  var random: SplitMix64
  private var fields: [(key: String, value: String)]?
  private var version: UInt64 = 0
  private var given: UInt64 = 0
  private var knownVersions: [UInt64] = [0]

  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
  }

  private static let keys = ["a", "b", "n"]

  mutating func call() -> Call {
    let key = Self.keys[pick(3)]
    switch pick(16) {
    case 0, 1, 2: return .set([Field(key, value())], ifVersion: nil)
    case 3: return .set([Field("a", value()), Field("b", value())], ifVersion: nil)
    case 4, 5: return .set([Field(key, value())], ifVersion: knownVersions[pick(knownVersions.count)])
    case 6: return .delete
    case 7: return .deleteKeys(pick(2) == 0 ? [key] : ["b", "a"])
    case 8, 9: return .increment(key, by: Int64(pick(3)) - 1)
    case 10, 11: return .get(key)
    case 12: return .getAll
    case 13: return .getMany(["b", "n"])
    case 14: return .info
    default: return .exists
    }
  }

  /// Does a request, and tells the reply.
  mutating func perform(_ call: Call) -> Outcome {
    switch call {
    case .set(let new, let wanted):
      let current = fields == nil ? 0 : version
      if let wanted, wanted != current { return .conflict(current: current) }
      for field in new { set(field.key, field.value) }
      renew()
      knownVersions.append(version)
      return .version(version)
    case .delete:
      defer { fields = nil }
      return .removed(fields == nil ? 0 : 1)
    case .deleteKeys(let keys):
      let removed = (fields ?? []).filter { keys.contains($0.key) }.count
      if removed > 0 {
        fields!.removeAll { keys.contains($0.key) }
        renew()
      }
      return .removed(removed)
    case .increment(let key, let amount):
      guard let number = Int64(value(of: key) ?? "0") else { return .notANumber }
      set(key, String(number + amount))
      renew()
      return .number(number + amount)
    case .get(let key): return .value(value(of: key))
    case .getAll: return .fields(fields.map { $0.map { Field($0.key, $0.value) } })
    case .getMany(let keys):
      return .fields(fields.map { $0.filter { keys.contains($0.key) }.map { Field($0.key, $0.value) } })
    case .info:
      guard let fields else { return .missing }
      knownVersions.append(version)
      return .info(version: version, keys: fields.count)
    case .exists: return .exists(fields != nil)
    }
  }

  mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

  private mutating func value() -> String { ["\"x\"", "1", "2"][pick(3)] }

  private func value(of key: String) -> String? { fields?.first { $0.key == key }?.value }

  private mutating func set(_ key: String, _ value: String) {
    if fields == nil { fields = [] }
    if let place = fields!.firstIndex(where: { $0.key == key }) {
      fields![place].value = value
    } else {
      fields!.append((key, value))
    }
  }

  /// Other sessions take versions as well.
  private mutating func renew() {
    if fields == nil { fields = [] }
    given += UInt64(1 + pick(2))
    version = given
  }
}

extension StoreSimulation {
  /// The history of a new session, of requests done at 100, 200, …, each begun up to `spread` before and answered up to
  /// `spread` after.
  mutating func history(count: Int, spread: Int, lost percent: Int) -> [Operation] {
    fields = nil
    var history: [Operation] = []
    for number in 1...count {
      let done = number * 100
      let begin = Int64(done - pick(spread))
      var end = Int64(done + pick(spread))
      let call = call()
      var outcome: Outcome?
      if pick(100) < percent {
        // Done or not, nobody hears of it.
        if pick(2) == 0 { _ = perform(call) }
        if pick(2) == 0 { end = .max }
      } else {
        outcome = perform(call)
      }
      history.append(Operation(call, outcome, begin, end, client: "\(number)"))
    }
    return history
  }

  /// Changes a reply, or a time, or leaves an operation out: what was linearizable may not be any more.
  mutating func spoil(_ history: inout [Operation]) {
    let place = pick(history.count)
    switch pick(6) {
    case 0: history.remove(at: place)
    case 1: history[place].outcome = history[pick(history.count)].outcome
    case 2:
      let other = pick(history.count)
      (history[place].outcome, history[other].outcome) = (history[other].outcome, history[place].outcome)
    case 3:
      let length = Int64(1 + pick(100))
      history[place].begin = Int64(pick(history.count * 100 + 100))
      history[place].end = history[place].begin + length
    default: history[place].outcome = spoiled(history[place].outcome)
    }
  }

  private mutating func spoiled(_ outcome: Outcome?) -> Outcome? {
    switch outcome {
    case .version(let version)?: .version(version + UInt64(pick(3)))
    case .conflict(let current)?: .conflict(current: current + UInt64(pick(2)))
    case .removed(let count)?: .removed(count + 1 - pick(3))
    case .number(let number)?: .number(number + 1 - Int64(pick(3)))
    case .value?: .value([nil, "1", "2"][pick(3)])
    case .fields(let fields)?: .fields(fields.map { $0.reversed() })
    case .info(let version, let keys)?: .info(version: version + UInt64(pick(2)), keys: keys + pick(2))
    case .exists(let exists)?: .exists(!exists)
    case .missing?: .info(version: UInt64(pick(5)), keys: 0)
    case .notANumber?: .number(1)
    case nil: nil
    }
  }
}
