import SessionSegment

/// Of many sessions, given one by one, keeps those with the earliest uses: `most` of them at least, if there are so
/// many. Constant time each, amortised: when twice as many have come as are to be kept, the later half goes
/// (Hoare's selection, 1961).
struct EvictionCollector {
  private(set) var entries: [EvictionEntry] = []
  /// All that were used before this moment are among the entries; later ones are not. `Int64.max`: nobody was
  /// left out.
  private(set) var limit = Int64.max
  private let most: Int
  private var random: UInt64 = 0x9E37_79B9_7F4A_7C15

  init(most: Int) {
    self.most = most
  }

  @inline(__always)
  mutating func add(_ entry: EvictionEntry) {
    guard entry.lastUse < limit else { return }
    entries.append(entry)
    if entries.count >= 2 * most { halve() }
  }

  /// Nobody knows whether all that were used later came by.
  mutating func leaveOut(from moment: Int64) {
    guard moment < limit else { return }
    limit = moment
    entries.removeAll { $0.lastUse >= moment }
  }

  private mutating func halve() {
    select(most - 1)
    limit = entries[most - 1].lastUse
    entries.removeSubrange(most...)
  }

  /// Puts the entry that has so many before it in its place, those with earlier uses in front of it, those with
  /// later ones behind.
  private mutating func select(_ rank: Int) {
    var (low, high) = (0, entries.count - 1)
    while low < high {
      // At random, so that nobody can prepare an order that takes long.
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let pivot = entries[low + Int(random >> 33) % (high - low + 1)]
      var (left, right) = (low, high)
      while left <= right {
        while entries[left] < pivot { left += 1 }
        while pivot < entries[right] { right -= 1 }
        guard left <= right else { break }
        entries.swapAt(left, right)
        left += 1
        right -= 1
      }
      if rank <= right { high = right } else if rank >= left { low = left } else { return }
    }
  }
}
