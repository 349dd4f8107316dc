/// Counts what is damaged in a store: each id once, however often it is met.
struct DamagedIDs {
  private(set) var count = 0
  private var known: Set<[UInt8]> = []

  /// Where more is damaged than that, some of it may be counted twice.
  private static let knownMost = 10_000

  mutating func note(_ id: [UInt8]) {
    if known.count == Self.knownMost { known = [] }
    if known.insert(id).inserted { count += 1 }
  }
}
