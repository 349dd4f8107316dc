/// Sessions that may be evicted, the one with the earliest use first: a binary heap (Williams, 1964).
struct EvictionHeap {
  private var entries: [EvictionEntry]

  /// Takes linear time.
  ///
  /// - Parameter spareRoom: so many more can be pushed before memory is moved.
  init(_ unordered: consuming [EvictionEntry], spareRoom: Int = 0) {
    entries = unordered
    entries.reserveCapacity(entries.count + spareRoom)
    for index in stride(from: entries.count / 2 - 1, through: 0, by: -1) { siftDown(from: index) }
  }

  var count: Int { entries.count }
  var first: EvictionEntry? { entries.first }

  mutating func push(_ entry: EvictionEntry) {
    var index = entries.count
    entries.append(entry)
    while index > 0 {
      let parent = (index - 1) / 2
      guard entry < entries[parent] else { break }
      entries[index] = entries[parent]
      index = parent
    }
    entries[index] = entry
  }

  /// There must be one.
  mutating func removeFirst() {
    let last = entries.removeLast()
    guard !entries.isEmpty else { return }
    entries[0] = last
    siftDown(from: 0)
  }

  private mutating func siftDown(from start: Int) {
    let entry = entries[start]
    var index = start
    while true {
      var child = 2 * index + 1
      guard child < entries.count else { break }
      if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
      guard entries[child] < entry else { break }
      entries[index] = entries[child]
      index = child
    }
    entries[index] = entry
  }
}
