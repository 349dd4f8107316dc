/// Which ids are just now on their way from the store or to it, and who waits for them: however many ask for one
/// session at the same time, it is loaded once; and nobody changes a session while another change of it is being
/// committed.
///
/// An id has one flight at most. Each flight ends with a call of the store, which is bounded in time; so does
/// whatever is kept here.
struct FlightTable<Waiter> {
  private struct Flight {
    var waiters: [Waiter] = []
    /// Somebody else changed the id meanwhile: what this flight brings may be old.
    var isDoubtful = false
  }

  /// How a flight has ended.
  enum Landing {
    /// It is over; these waited for it.
    case over([Waiter])
    /// What it brought may be old. It goes on, to be made again.
    case again
    /// There is none.
    case none
  }

  private var flights: [[UInt8]: Flight] = [:]

  var count: Int { flights.count }
  var waiterCount: Int { flights.values.reduce(0) { $0 + $1.waiters.count } }
  var isEmpty: Bool { flights.isEmpty }

  func isUnderWay(_ id: [UInt8]) -> Bool { flights[id] != nil }

  /// Makes `waiter` wait for an id.
  ///
  /// - Returns: whether the flight is new, and the caller has to load the id.
  mutating func load(_ id: [UInt8], for waiter: Waiter) -> Bool {
    let isNew = flights[id] == nil
    flights[id, default: Flight()].waiters.append(waiter)
    return isNew
  }

  /// Begins a load for which nobody waits.
  mutating func begin(_ id: [UInt8]) {
    if flights[id] == nil { flights[id] = Flight() }
  }

  /// Takes ids for a change: all of them, or, if one is under way, none; then `waiter` waits for that one.
  mutating func reserve(_ ids: [[UInt8]], for waiter: Waiter) -> Bool {
    if let busy = ids.first(where: isUnderWay) {
      flights[busy]!.waiters.append(waiter)
      return false
    }
    for id in ids { flights[id] = Flight() }
    return true
  }

  /// Flights go on without those who wait for them no longer.
  mutating func removeWaiters(where isGone: (Waiter) -> Bool) {
    for (id, flight) in flights where flight.waiters.contains(where: isGone) {
      flights[id]!.waiters.removeAll(where: isGone)
    }
  }

  /// Somebody else has changed an id.
  mutating func doubt(_ id: [UInt8]) {
    flights[id]?.isDoubtful = true
  }

  func isDoubtful(_ id: [UInt8]) -> Bool { flights[id]?.isDoubtful == true }

  /// Somebody else may have changed anything.
  mutating func doubtAll() {
    for id in flights.keys { flights[id]!.isDoubtful = true }
  }

  /// The end of a load.
  mutating func land(_ id: [UInt8]) -> Landing {
    guard let flight = flights[id] else { return .none }
    if flight.isDoubtful {
      flights[id]!.isDoubtful = false
      return .again
    }
    flights[id] = nil
    return .over(flight.waiters)
  }

  /// The end of a flight whatever it brought.
  ///
  /// - Returns: who waited for it, and whether what memory has of the id may be old.
  mutating func end(_ id: [UInt8]) -> (waiters: [Waiter], isDoubtful: Bool) {
    guard let flight = flights.removeValue(forKey: id) else { return ([], false) }
    return (flight.waiters, flight.isDoubtful)
  }
}
