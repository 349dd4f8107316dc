/// Gathers one page of the ids that bear a tag: the smallest ones behind a given id, in the order of their bytes,
/// out of a store that lists them in whatever order it likes. Holds no more than the page. Pure.
struct TaggedIDs {
  private let after: [UInt8]
  private let limit: Int
  /// In order.
  private(set) var ids: [[UInt8]] = []

  init(after: [UInt8], limit: Int) {
    self.after = after
    self.limit = limit
  }

  /// Whether an id belongs to the page as far as it is known by now.
  func wants(_ id: [UInt8]) -> Bool {
    guard after.lexicographicallyPrecedes(id) else { return false }
    guard ids.count == limit, let last = ids.last else { return true }
    return id.lexicographicallyPrecedes(last)
  }

  /// Takes it in; one that was there before is in it once.
  mutating func add(_ id: [UInt8]) {
    guard wants(id) else { return }
    var (low, high) = (0, ids.count)
    while low < high {
      let middle = (low + high) / 2
      if ids[middle].lexicographicallyPrecedes(id) { low = middle + 1 } else { high = middle }
    }
    guard low == ids.count || ids[low] != id else { return }
    ids.insert(id, at: low)
    if ids.count > limit { ids.removeLast() }
  }
}
