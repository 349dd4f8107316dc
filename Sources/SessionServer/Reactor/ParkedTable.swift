/// A reactor's connections whose requests wait for the store, by ticket. Pure.
///
/// The store's calls are bounded in time, but a disk may hold them up all the same: so each wait has a moment when it
/// is over.
struct ParkedTable {
  struct Entry {
    let token: ConnectionTable.Token
    /// Nanoseconds of CLOCK_BOOTTIME.
    let end: Int64
  }

  private var entries: [UInt64: Entry] = [:]
  /// No entry ends before.
  private(set) var nextCheck = Int64.max

  var count: Int { entries.count }

  mutating func insert(_ ticket: UInt64, _ token: ConnectionTable.Token, until end: Int64) {
    entries[ticket] = Entry(token: token, end: end)
    nextCheck = min(nextCheck, end)
  }

  @discardableResult
  mutating func remove(_ ticket: UInt64) -> ConnectionTable.Token? {
    let entry = entries.removeValue(forKey: ticket)
    if entries.isEmpty { nextCheck = .max }
    return entry?.token
  }

  /// The tickets whose time is over; they stay until they are removed.
  mutating func overdue(at now: Int64) -> [UInt64] {
    guard now >= nextCheck else { return [] }
    nextCheck = entries.values.map(\.end).filter { $0 > now }.min() ?? .max
    return entries.filter { $0.value.end <= now }.map(\.key).sorted()
  }
}
