/// The operations on some ids that belong together, numbered.
struct Group {
  let ids: [String]
  /// Those with a reply, and then those without that may have done something, each by their beginnings.
  let operations: [GroupOperation]
  let certainCount: Int

  init(_ histories: [String: [Operation]]) {
    var ids = histories.keys.sorted()
    // Also those of which nobody asked but as a new name.
    let targets = Set(histories.values.joined().compactMap(\.call.newID))
    ids += targets.subtracting(ids).sorted()
    let places = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
    let operations = ids.enumerated().flatMap { place, id in
      (histories[id] ?? []).map { operation in
        GroupOperation(operation: operation, id: place, target: operation.call.newID.flatMap { places[$0] })
      }
    }.sorted { $0.operation.begin < $1.operation.begin }
    let certain = operations.filter { $0.outcome != nil }
    self.ids = ids
    self.operations = certain + operations.filter { $0.outcome == nil && $0.call.isChange }
    certainCount = certain.count
  }

  /// For a write whose reply told its version: how many such writes to the same id have lower ones; -1 for all
  /// others.
  var ranksOfVersions: [Int] {
    var ranks = Array(repeating: -1, count: certainCount)
    for id in ids.indices {
      let versioned = (0..<certainCount).compactMap { number in
        operations[number].id == id
          ? operations[number].operation.madeVersion.map { (number: number, version: $0) } : nil
      }
      for (rank, write) in versioned.sorted(by: { $0.version < $1.version }).enumerated() {
        ranks[write.number] = rank
      }
    }
    return ranks
  }

  /// What is written about an operation, for people.
  func description(of number: Int) -> String {
    let operation = operations[number]
    return ids.count == 1 ? "\(operation.operation)" : "id \(operation.id) \(operation.operation)"
  }
}

extension Group {
  /// Which ids belong together: those that any RENAME names at once, and whatever belongs with either.
  static func joined(_ histories: [String: [Operation]]) -> [[String]] {
    var leaders: [String: String] = [:]
    func leader(of id: String) -> String {
      var id = id
      while let next = leaders[id], next != id { id = next }
      return id
    }
    for (id, history) in histories {
      leaders[leader(of: id)] = leader(of: id)
      for new in history.compactMap(\.call.newID) { leaders[leader(of: new)] = leader(of: id) }
    }
    return Dictionary(grouping: leaders.keys, by: leader).values.map { $0.sorted() }
      .sorted { $0[0] < $1[0] }
  }
}
