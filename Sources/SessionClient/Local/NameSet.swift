/// Ids that are given out in pages. They are sorted when a page is asked for and something changed since.
struct NameSet {
  private var members: Set<Name> = []
  private var sorted: [Name]?

  var isEmpty: Bool { members.isEmpty }
  var names: Set<Name> { members }

  mutating func insert(_ name: Name) {
    if members.insert(name).inserted { sorted = nil }
  }

  mutating func remove(_ name: Name) {
    if members.remove(name) != nil { sorted = nil }
  }

  /// At most `limit` names behind `after` that begin with `prefix`, byte by byte.
  mutating func page(prefix: String = "", after: Name?, limit: Int) -> [String] {
    let names = sorted ?? members.sorted()
    sorted = names
    // The first that is not before the place; by halves.
    var low = 0
    var high = names.count
    while let after, low < high {
      let middle = (low + high) / 2
      if after < names[middle] { high = middle } else { low = middle + 1 }
    }
    let rest = names[low...].lazy.filter { prefix.isEmpty || $0.text.utf8.starts(with: prefix.utf8) }
    return rest.prefix(limit).map(\.text)
  }
}
