import Linearizability
import TestSupport

/// Sessions whose requests are done one at a time, and clients around them: makes histories that are
/// linearizable because they were made in an order.
///
/// It shares nothing with the checker's model of a session.
struct StoreSimulation {
  var random: SplitMix64
  private var now: Int64 = 0
  private var places: [String: Place] = [:]
  private var given: UInt64 = 0
  private var knownVersions: [UInt64] = [0]

  /// What stands under an id.
  private struct Place {
    var fields: [(key: String, value: String)]?
    var version: UInt64 = 0
    /// Whether it was revoked or renamed.
    var isBarred = false
    /// The id under which it can be read until a time.
    var alias: (id: String, until: Int64)?
  }

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

  /// One in so many is a REVOKE, and three are RENAMEs.
  private mutating func call(among ids: [String], everyMost: Int) -> Call {
    switch pick(ids.count == 1 ? everyMost * 2 : everyMost) {
    case 0: return .revoke
    case 1, 2, 3:
      return ids.count == 1 ? call() : .rename(to: ids[pick(ids.count)], grace: grace())
    default: return call()
    }
  }

  /// None, one that ends soon, or one that doesn't.
  private mutating func grace() -> Int64? {
    switch pick(3) {
    case 0: nil
    case 1: Int64(1 + pick(400))
    default: 1_000_000
    }
  }

  /// Does a request, and tells the reply.
  mutating func perform(_ call: Call, on id: String = "") -> Outcome {
    switch call {
    case .rename(let new, let grace): return rename(id, new, grace)
    case .revoke: return revoke(id)
    case .set, .deleteKeys, .increment: if places[id]?.isBarred == true { return .revoked }
    case .delete: if isReadable(id) && places[id]?.isBarred == true { return .revoked }
    default: return read(call, source(of: id))
    }
    var place = places[id] ?? Place()
    let outcome = change(&place, call)
    places[id] = place
    return outcome
  }

  private mutating func change(_ place: inout Place, _ call: Call) -> Outcome {
    switch call {
    case .set(let new, let wanted):
      let current = place.fields == nil ? 0 : place.version
      if let wanted, wanted != current { return .conflict(current: current) }
      for field in new { set(field.key, field.value, in: &place) }
      renew(&place)
      knownVersions.append(place.version)
      return .version(place.version)
    case .delete:
      defer { place.fields = nil }
      return .removed(place.fields == nil ? 0 : 1)
    case .deleteKeys(let keys):
      let removed = (place.fields ?? []).filter { keys.contains($0.key) }.count
      if removed > 0 {
        place.fields!.removeAll { keys.contains($0.key) }
        renew(&place)
      }
      return .removed(removed)
    case .increment(let key, let amount):
      guard let number = Int64(value(of: key, in: place) ?? "0") else { return .notANumber }
      set(key, String(number + amount), in: &place)
      renew(&place)
      return .number(number + amount)
    default: preconditionFailure("is no change")
    }
  }

  private mutating func read(_ call: Call, _ place: Place) -> Outcome {
    switch call {
    case .get(let key): return .value(value(of: key, in: place))
    case .getAll: return .fields(place.fields.map { $0.map { Field($0.key, $0.value) } })
    case .getMany(let keys):
      return .fields(
        place.fields.map { $0.filter { keys.contains($0.key) }.map { Field($0.key, $0.value) } })
    case .info:
      guard let fields = place.fields else { return .missing }
      knownVersions.append(place.version)
      return .info(version: place.version, keys: fields.count)
    case .exists: return .exists(place.fields != nil)
    default: preconditionFailure("is no read")
    }
  }

  mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

  private mutating func value() -> String { ["\"x\"", "1", "2"][pick(3)] }

  private func value(of key: String, in place: Place) -> String? {
    place.fields?.first { $0.key == key }?.value
  }

  private func set(_ key: String, _ value: String, in place: inout Place) {
    if place.fields == nil { place.fields = [] }
    if let index = place.fields!.firstIndex(where: { $0.key == key }) {
      place.fields![index].value = value
    } else {
      place.fields!.append((key, value))
    }
  }

  /// Other sessions take versions as well.
  private mutating func renew(_ place: inout Place) {
    if place.fields == nil { place.fields = [] }
    given += UInt64(1 + pick(2))
    place.version = given
  }
}

// Ids and what became of them.
extension StoreSimulation {
  private func isReadable(_ id: String) -> Bool {
    guard let place = places[id], place.isBarred else { return true }
    return place.alias.map { now < $0.until } ?? false
  }

  /// The id that a reader of this one comes to.
  private func end(of id: String) -> String? {
    var id = id
    while let place = places[id], place.isBarred {
      guard isReadable(id), let alias = place.alias else { return nil }
      id = alias.id
    }
    return id
  }

  private func source(of id: String) -> Place { end(of: id).flatMap { places[$0] } ?? Place() }

  private mutating func rename(_ old: String, _ new: String, _ grace: Int64?) -> Outcome {
    var from = places[old] ?? Place()
    if from.isBarred { return .revoked }
    guard let fields = from.fields else { return .missing }
    var to = places[new] ?? Place()
    if to.isBarred { return .revoked }
    if to.fields != nil { return .conflict(current: to.version) }
    to.fields = fields
    renew(&to)
    from = Place(isBarred: true, alias: grace.map { (new, now + $0) })
    places[old] = from
    places[new] = to
    return .renamed
  }

  private mutating func revoke(_ id: String) -> Outcome {
    var count = 0
    var next: String? = id
    while let id = next {
      let place = places[id]
      next = place?.isBarred == true && isReadable(id) ? place?.alias?.id : nil
      if place?.fields != nil { count = 1 }
      places[id] = Place(isBarred: true)
    }
    return .removed(count)
  }
}

extension StoreSimulation {
  /// The history of a new session, of requests done at 100, 200, …, each begun up to `spread` before and answered up to
  /// `spread` after.
  mutating func history(count: Int, spread: Int, lost percent: Int) -> [Operation] {
    histories(of: [""], count: count, spread: spread, lost: percent, changesIDs: nil)[""] ?? []
  }

  /// The histories of some ids that are renamed and revoked.
  ///
  /// - Parameter rare: at most four of so many requests are RENAME or REVOKE; nil: none.
  mutating func histories(
    of ids: [String], count: Int, spread: Int, lost percent: Int, changesIDs rare: Int?
  ) -> [String: [Operation]] {
    places = [:]
    var histories: [String: [Operation]] = [:]
    for number in 1...count {
      now = Int64(number * 100)
      let begin = now - Int64(pick(spread))
      var end = now + Int64(pick(spread))
      let id = ids.count == 1 ? ids[0] : ids[pick(ids.count)]
      let call = rare.map { self.call(among: ids, everyMost: $0) } ?? self.call()
      var outcome: Outcome?
      if pick(100) < percent {
        // Done or not, nobody hears of it.
        if pick(2) == 0 { _ = perform(call, on: id) }
        if pick(2) == 0 { end = .max }
      } else {
        outcome = perform(call, on: id)
      }
      histories[id, default: []].append(Operation(call, outcome, begin, end, client: "\(number)"))
    }
    return histories
  }
}
