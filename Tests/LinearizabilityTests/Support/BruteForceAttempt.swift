import Linearizability

/// One order, as far as it goes: what stands under each id then.
struct BruteForceAttempt {
  var latestBegin = Int64.min
  /// How long the grace is that the last operation has begun.
  var graceBegun: Int64?
  private var values: [String: [String: String]] = [:]
  private var orders: [String: [String]] = [:]
  /// Of ids without a session: the id that is read instead, "" for none.
  private var bars: [String: String] = [:]
  /// By id, the change that made the last version there was under it, as a place in `changes`.
  private var latest: [String: Int] = [:]
  private var changes: [Change] = []

  /// A version: what is known of it, and which ones it is greater than.
  private struct Change {
    var version: UInt64?
    let after: [Int]
  }

  /// Whether the reply can be so; where it was lost, whether the operation does something.
  mutating func perform(_ operation: Operation, on id: String) -> Bool {
    switch operation.call {
    case .rename(let new, let grace): rename(id, new, grace, operation.outcome)
    case .revoke: revoke(id, operation.outcome)
    case .set, .deleteKeys, .increment:
      bars[id] == nil
        ? change(operation.call, on: id, operation.outcome)
        : operation.outcome == .revoked
    case .delete: delete(id, operation.outcome)
    default: operation.outcome.map { read(operation.call, end(of: id), $0) } ?? false
    }
  }

  mutating func endGrace(of id: String) {
    if bars[id] != nil { bars[id] = "" }
  }

  private func lives(_ id: String) -> Bool { orders[id] != nil }

  /// The id under which a reader of `id` finds the session, if there is one.
  private func end(of id: String) -> String {
    var id = id
    while let next = bars[id], !next.isEmpty { id = next }
    return id
  }

  private mutating func rename(_ id: String, _ new: String, _ grace: Int64?, _ reply: Outcome?) -> Bool {
    if bars[id] != nil { return reply == .revoked }
    if !lives(id) { return reply == .missing }
    if bars[new] != nil { return reply == .revoked }
    if lives(new) {
      guard case .conflict(let current)? = reply, current > 0 else { return false }
      return pin(current, on: new)
    }
    guard reply == nil || reply == .renamed else { return false }
    values[new] = values[id]
    orders[new] = orders[id]
    values[id] = nil
    orders[id] = nil
    bars[id] = grace == nil ? "" : new
    graceBegun = grace
    return addVersion(nil, on: new, after: [id, new])
  }

  private mutating func revoke(_ id: String, _ reply: Outcome?) -> Bool {
    let did = lives(end(of: id))
    guard reply == nil || reply == .removed(did ? 1 : 0) else { return false }
    var place: String? = id
    while let id = place {
      place = bars[id].flatMap { $0.isEmpty ? nil : $0 }
      values[id] = nil
      orders[id] = nil
      bars[id] = ""
    }
    return true
  }

  private mutating func delete(_ id: String, _ reply: Outcome?) -> Bool {
    if let bar = bars[id] { return reply == (bar.isEmpty ? .removed(0) : .revoked) }
    guard reply == nil || reply == .removed(lives(id) ? 1 : 0) else { return false }
    values[id] = nil
    orders[id] = nil
    return true
  }

  private mutating func change(_ call: Call, on id: String, _ reply: Outcome?) -> Bool {
    switch call {
    case .set(let fields, let wanted):
      switch reply {
      case .version, nil:
        guard wanted == nil || pin(wanted!, on: id) else { return false }
        var version: UInt64?
        if case .version(let told)? = reply { version = told }
        for field in fields { put(field.key, field.value, id) }
        if fields.isEmpty { begin(id) }
        return addVersion(version, on: id, after: [id])
      case .conflict(let current)?: return wanted != nil && wanted != current && pin(current, on: id)
      default: return false
      }
    case .deleteKeys(let keys):
      let there = (orders[id] ?? []).filter(keys.contains)
      guard reply == nil || reply == .removed(there.count) else { return false }
      if there.isEmpty { return true }
      for key in there { values[id]![key] = nil }
      orders[id]!.removeAll(where: keys.contains)
      return addVersion(nil, on: id, after: [id])
    case .increment(let key, let amount):
      guard let old = Int64(values[id]?[key] ?? "0") else { return reply == .notANumber }
      guard reply == nil || reply == .number(old + amount) else { return false }
      put(key, "\(old + amount)", id)
      return addVersion(nil, on: id, after: [id])
    default: return false
    }
  }

  private mutating func read(_ call: Call, _ id: String, _ reply: Outcome) -> Bool {
    let fields = orders[id]?.map { Field($0, values[id]![$0]!) }
    switch call {
    case .get(let key): return reply == .value(values[id]?[key])
    case .getAll: return reply == .fields(fields)
    case .getMany(let keys): return reply == .fields(fields?.filter { keys.contains($0.key) })
    case .info:
      guard case .info(let version, let keys) = reply else { return reply == .missing && !lives(id) }
      return lives(id) && keys == fields?.count && pin(version, on: id)
    case .exists: return reply == .exists(lives(id))
    default: return false
    }
  }

  private mutating func begin(_ id: String) {
    if !lives(id) { (values[id], orders[id]) = ([:], []) }
  }

  private mutating func put(_ key: String, _ value: String, _ id: String) {
    begin(id)
    if values[id]!.updateValue(value, forKey: key) == nil { orders[id]!.append(key) }
  }

  private mutating func addVersion(_ version: UInt64?, on id: String, after ids: [String]) -> Bool {
    changes.append(Change(version: version, after: ids.compactMap { latest[$0] }))
    latest[id] = changes.count - 1
    return isConsistent
  }

  /// That the session has this version now.
  private mutating func pin(_ version: UInt64, on id: String) -> Bool {
    guard lives(id), let last = latest[id] else { return version == 0 }
    guard version > 0, changes[last].version == nil || changes[last].version == version else { return false }
    changes[last].version = version
    return isConsistent
  }

  /// Whether there are versions, each greater than those before it, of which these are known.
  private var isConsistent: Bool {
    var least: [UInt64] = []
    for change in changes {
      let before = change.after.map { least[$0] }.max() ?? 0
      if let version = change.version, version <= before { return false }
      least.append(change.version ?? before + 1)
    }
    return true
  }
}
