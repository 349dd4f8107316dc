/// The sessions of one kind that may be evicted next, in the order of their last uses. It holds a part of them
/// only: those that were idle the longest when a scan came by, and where there are few, all.
///
/// What it keeps: every session of the kind that was last used at the *horizon* or before is in it, under the time
/// of its last use or an earlier one. So whoever finds the first entry to be right has found the session that is
/// idle the longest, and whoever finds the session used meanwhile puts it back under the later time.
struct EvictionQueue {
  /// Nanoseconds of CLOCK_BOOTTIME; `Int64.min`: nothing is known, `Int64.max`: all sessions of the kind are in
  /// the queue.
  private(set) var horizon = Int64.min
  /// What each scan has found is a heap of its own, so that no two need to be put together.
  private var heaps: [EvictionHeap] = []
  /// Sessions that came to be, or were found to be used, since the scan that goes on began; nil while none does.
  private var arrivals: [EvictionEntry]?
  private var haveArrivalsBeenLost = false
  /// So many sessions can be added one by one to a queue that has all.
  private var room = 0
  /// When the queue last came to have all.
  private var completeSince = Int64.min

  /// 1 MiB of them.
  private static let arrivalsMost = 65_536

  var count: Int { heaps.reduce(0) { $0 + $1.count } }
  var isComplete: Bool { horizon == .max }
  var isCollecting: Bool { arrivals != nil }

  /// Sessions that come to be, or become one of the kind, are to be told to `add` if they were used at this moment
  /// or before.
  var arrivalHorizon: Int64 { arrivals == nil ? horizon : .max }

  // MARK: Taking

  /// Takes the entry with the earliest use; nil if none is known, which means that there is none if the queue is
  /// complete.
  mutating func removeFirst() -> EvictionEntry? {
    guard let first = removeEarliest() else { return nil }
    // Behind the horizon others may come first. (Of several that were used at the same moment just behind it, any
    // may go first.)
    guard isComplete || first.lastUse <= horizon &+ 1 else {
      heaps.removeAll()
      return nil
    }
    // Who ended and began again has come twice.
    while let next = earliest, heaps[next].first == first { removeFirst(of: next) }
    return first
  }

  private var earliest: Int? {
    let earliest = heaps.indices.min { uses(of: $0) < uses(of: $1) }
    return earliest.flatMap { heaps[$0].first == nil ? nil : $0 }
  }

  private func uses(of heap: Int) -> Int64 { heaps[heap].first?.lastUse ?? .max }

  private mutating func removeEarliest() -> EvictionEntry? {
    guard let earliest else { return nil }
    let first = heaps[earliest].first
    removeFirst(of: earliest)
    return first
  }

  private mutating func removeFirst(of index: Int) {
    heaps[index].removeFirst()
    if heaps[index].count == 0, heaps.count > 1 { heaps.remove(at: index) }
  }

  // MARK: Adding

  /// Adds a session that came to be, or was found to be used later than was known, if it belongs in front of the
  /// horizon.
  mutating func add(_ entry: EvictionEntry) {
    if entry.lastUse <= horizon {
      push(entry)
    } else if arrivals != nil {
      if arrivals!.count < Self.arrivalsMost { arrivals!.append(entry) } else { haveArrivalsBeenLost = true }
    }
  }

  private mutating func push(_ entry: EvictionEntry) {
    if isComplete {
      room -= 1
      // Too many to hold all of them: it goes on as far as it was filled by a scan.
      if room < 0 { horizon = completeSince }
      guard entry.lastUse <= horizon else { return }
    }
    if heaps.isEmpty { heaps.append(EvictionHeap([])) }
    heaps[heaps.count - 1].push(entry)
  }

  // MARK: Scans

  /// A scan looks for the sessions behind the horizon.
  mutating func beginScan() {
    arrivals = []
    haveArrivalsBeenLost = false
  }

  /// Sessions that came to be during the scan, which it may have missed. Then comes `endScan`.
  mutating func takeArrivals() -> (entries: [EvictionEntry], areAll: Bool) {
    defer { arrivals = [] }
    return (arrivals ?? [], !haveArrivalsBeenLost)
  }

  /// - Parameters:
  ///   - found: the sessions behind the horizon and before `limit`, arrivals included.
  ///   - limit: `Int64.max` for all sessions.
  ///   - room: so many sessions can be added to a queue that has all.
  mutating func endScan(_ found: consuming EvictionHeap, limit: Int64, room: Int, at now: Int64) {
    heaps.removeAll { $0.count == 0 }
    // The last one is where others are added: it has room for them.
    heaps.append(found)
    horizon = limit == .max ? .max : max(horizon, limit - 1)
    completeSince = now
    self.room = room
    let late = arrivals ?? []
    arrivals = nil
    for entry in late { add(entry) }
  }
}
