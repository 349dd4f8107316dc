/// Whether the store can be asked: it is there, or away since it failed, or on trial after it was opened again. One
/// that is shared may also be there and take no changes, for want of room or of time.
///
/// Pure: it is told what happened and when, and says what is to be done. While the store is away it is opened
/// again and again, after pauses that double from a tenth of a second to five, each a little longer by chance, so
/// that many daemons do not come back to one server all at once.
struct StoreHealth {
  /// What kind of call failed.
  enum Direction {
    /// load, recent, ids, open: the store does not answer.
    case loading
    /// apply: it may answer, but takes nothing, such as on a full disk.
    case saving
  }

  static let firstPause: Int64 = 100_000_000
  static let longestPause: Int64 = 5_000_000_000

  struct Trouble: Equatable {
    /// When it began, nanoseconds of CLOCK_BOOTTIME.
    let since: Int64
    var reason: String
    /// Whether it does not even answer.
    var isSilent: Bool
    /// How often it has failed in a row.
    var failures: Int
    /// When it is tried again.
    var retryAt: Int64
  }

  enum Phase: Equatable {
    case ok
    case away(Trouble)
    /// It was opened again. The next call of the kind that failed tells whether it is back.
    case trial(Trouble)
  }

  /// How long no change must have been refused before one that is taken ends that: at the bound of its memory a server
  /// takes one and refuses the next.
  static let settling: Int64 = 5_000_000_000

  struct Reluctance: Equatable {
    /// When it refused a change first, and last, nanoseconds of CLOCK_BOOTTIME.
    let since: Int64
    var last: Int64
    var reason: String
  }

  private(set) var phase = Phase.ok
  /// That it is there, and refuses changes.
  private(set) var reluctance: Reluctance?

  /// Until it has proved to be back.
  var trouble: Trouble? {
    switch phase {
    case .ok: nil
    case .away(let trouble), .trial(let trouble): trouble
    }
  }

  var isAway: Bool { if case .away = phase { true } else { false } }
  var isOnTrial: Bool { if case .trial = phase { true } else { false } }

  /// Whether calls that load may be made.
  ///
  /// - Parameter isShared: what was loaded of a shared store while it takes nothing could not be told to be old.
  func mayLoad(isShared: Bool) -> Bool {
    switch phase {
    case .ok, .trial: true
    case .away(let trouble): !trouble.isSilent && !isShared
    }
  }

  /// When to do something about it: open it again, or, on trial, check it.
  var retryAt: Int64? { trouble?.retryAt }

  /// A call failed.
  ///
  /// - Parameter chance: 0 to 1.
  /// - Returns: whether that is news.
  mutating func fail(_ reason: String, _ direction: Direction, at now: Int64, chance: Double) -> Bool {
    var next = trouble ?? Trouble(since: now, reason: reason, isSilent: false, failures: 0, retryAt: now)
    let isNews = trouble == nil
    next.reason = reason
    next.isSilent = direction == .loading || next.isSilent && !isOnTrial
    if !isAway {
      next.failures += 1
      next.retryAt = now &+ Self.pause(afterFailures: next.failures, chance: chance)
    }
    phase = .away(next)
    reluctance = nil
    return isNews
  }

  /// It is there, and refused a change.
  ///
  /// - Returns: whether that is news.
  mutating func refuse(_ reason: String, at now: Int64) -> Bool {
    guard phase == .ok else { return false }
    let isNews = reluctance == nil
    reluctance = Reluctance(since: reluctance?.since ?? now, last: now, reason: reason)
    return isNews
  }

  /// It took a session, or a use of it.
  ///
  /// - Returns: how long it had refused changes if that is over now.
  mutating func take(at now: Int64) -> Int64? {
    guard let refused = reluctance, now - refused.last >= Self.settling else { return nil }
    reluctance = nil
    return now - refused.since
  }

  /// It is there, and is opened once more before it counts: something has to be done first.
  mutating func beginAway(_ reason: String, at now: Int64) {
    phase = .away(Trouble(since: now, reason: reason, isSilent: true, failures: 0, retryAt: now))
  }

  /// Opening it again failed. (Whether it can still be read is told by who reads.)
  mutating func failAgain(_ reason: String, at now: Int64, chance: Double) {
    guard var next = trouble else { return }
    next.reason = reason
    next.failures += 1
    next.retryAt = now &+ Self.pause(afterFailures: next.failures, chance: chance)
    phase = .away(next)
  }

  /// It was opened again.
  mutating func reopened(at now: Int64) {
    guard var next = trouble else { return }
    next.retryAt = now &+ Self.firstPause
    phase = .trial(next)
  }

  /// A call succeeded.
  ///
  /// - Returns: how long it had been away if it is back with that.
  mutating func succeed(_ direction: Direction, at now: Int64) -> Int64? {
    guard case .trial(let trouble) = phase, trouble.isSilent || direction == .saving else { return nil }
    phase = .ok
    return now - trouble.since
  }

  static func pause(afterFailures failures: Int, chance: Double) -> Int64 {
    let doublings = min(max(failures, 1) - 1, 10)
    let pause = min(firstPause << Int64(doublings), longestPause)
    return pause + Int64(Double(pause) / 4 * min(max(chance, 0), 1))
  }
}
