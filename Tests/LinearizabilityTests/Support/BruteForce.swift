import Linearizability

/// Tries every order of a small history and every choice of the operations whose replies were lost.
///
/// It shares nothing with the checker: the session is a dictionary with the order of its keys beside it,
/// and versions are unknowns, one for each change, with what the replies say about them.
enum BruteForce {
  static func isLinearizable(_ history: [Operation]) -> Bool {
    extends(Attempt(), Array(history.enumerated()))
  }

  private typealias Numbered = EnumeratedSequence<[Operation]>.Element

  private static func extends(_ attempt: Attempt, _ left: [Numbered]) -> Bool {
    if left.allSatisfy({ $0.element.outcome == nil }) { return true }
    for (index, candidate) in left.enumerated() {
      let operation = candidate.element
      // Nothing that is left and has a reply may have ended before this one began.
      let isEarly = left.contains { $0.element.outcome != nil && $0.element.end < operation.begin }
      guard !isEarly, operation.end >= attempt.latestBegin else { continue }
      var next = attempt
      next.latestBegin = max(next.latestBegin, operation.begin)
      guard next.perform(operation) else { continue }
      var rest = left
      rest.remove(at: index)
      if extends(next, rest) { return true }
    }
    return false
  }

  private struct Attempt {
    var latestBegin = Int64.min
    var values: [String: String] = [:]
    var order: [String] = []
    var exists = false
    /// What is known of each change's version, in the order of the changes.
    var versions: [UInt64?] = []

    /// Whether the reply can be so.
    mutating func perform(_ operation: Operation) -> Bool {
      guard let reply = operation.outcome else { return performUnseen(operation.call) }
      switch operation.call {
      case .set(let fields, let wanted):
        switch reply {
        case .version(let version):
          guard wanted == nil || pin(wanted!) else { return false }
          put(fields)
          return change(version)
        case .conflict(let current): return wanted != nil && wanted != current && pin(current)
        default: return false
        }
      case .delete:
        guard reply == .removed(exists ? 1 : 0) else { return false }
        end()
        return true
      case .deleteKeys(let keys):
        let there = order.filter(keys.contains)
        guard reply == .removed(there.count) else { return false }
        return there.isEmpty || remove(there)
      case .increment(let key, let amount):
        guard let old = Int64(values[key] ?? "0") else { return reply == .notANumber }
        guard reply == .number(old + amount) else { return false }
        put(key, "\(old + amount)")
        return change(nil)
      case .get(let key): return reply == .value(values[key])
      case .getAll: return reply == .fields(exists ? order.map { Field($0, values[$0]!) } : nil)
      case .getMany(let keys):
        return reply == .fields(exists ? order.filter(keys.contains).map { Field($0, values[$0]!) } : nil)
      case .info:
        guard case .info(let version, let keys) = reply else { return reply == .missing && !exists }
        return exists && keys == order.count && pin(version)
      case .exists: return reply == .exists(exists)
      }
    }

    private mutating func performUnseen(_ call: Call) -> Bool {
      switch call {
      case .set(let fields, let wanted):
        guard wanted == nil || pin(wanted!) else { return false }
        put(fields)
        return change(nil)
      case .delete:
        end()
        return true
      case .deleteKeys(let keys):
        let there = order.filter(keys.contains)
        return there.isEmpty || remove(there)
      case .increment(let key, let amount):
        guard let old = Int64(values[key] ?? "0") else { return false }
        put(key, "\(old + amount)")
        return change(nil)
      default: return true
      }
    }

    private mutating func put(_ fields: [Field]) {
      for field in fields { put(field.key, field.value) }
    }

    private mutating func put(_ key: String, _ value: String) {
      if values.updateValue(value, forKey: key) == nil { order.append(key) }
    }

    private mutating func remove(_ keys: [String]) -> Bool {
      for key in keys { values[key] = nil }
      order.removeAll(where: keys.contains)
      return change(nil)
    }

    private mutating func end() {
      exists = false
      values = [:]
      order = []
    }

    private mutating func change(_ version: UInt64?) -> Bool {
      exists = true
      versions.append(version)
      return isConsistent
    }

    /// That the session has this version now.
    private mutating func pin(_ version: UInt64) -> Bool {
      guard exists else { return version == 0 }
      guard version > 0 else { return false }
      let last = versions.count - 1
      guard versions[last] == nil || versions[last] == version else { return false }
      versions[last] = version
      return isConsistent
    }

    /// Whether there are growing versions of which these are known.
    private var isConsistent: Bool {
      var last: UInt64 = 0
      for version in versions {
        if let version, version <= last { return false }
        last = version ?? last + 1
      }
      return true
    }
  }
}
