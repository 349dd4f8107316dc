import SystemCalls

/// Waiting for something to do: asleep, or, while requests follow each other closely, looking for the next one for a
/// while before that (`AdaptivePolling`).
extension Reactor {
  /// No epoll_wait(2) is faster. So many looks are as long as any patience, even where the clock stands still.
  private static let nanosecondsPerLookLeast: Int64 = 100

  /// Waits until there is an event, in `ready`, or something else to do.
  func waitForEvents() throws(SystemCallError) {
    if !runnable.isEmpty || hasMoreEvents { return try epoll.wait(milliseconds: 0, into: &ready) }
    guard polling.budget > 0 else { return try sleep() }
    let began = clock.now()
    if polling.patience > 0, active.areFew, try look(since: began) { return }
    try sleep()
    if ready.count > 0 { noteArrival(since: began, isFound: false, at: clock.now()) }
  }

  /// From now on looks for so many nanoseconds at most; 0: never.
  func setPollingBudget(_ nanoseconds: UInt64) {
    // Where no thread may look, nothing is to be learnt.
    let budget = slots.most > 0 ? nanoseconds : 0
    guard budget != polling.budget else { return }
    polling = AdaptivePolling(budget: budget)
  }

  /// What is to be done by the clock.
  private var nextDeadline: Int64 { min(nextSlowCheck, parked.nextCheck, stallMoment) }

  /// Never, where another thread is to stall: that moment is not taken away by what this one does.
  private var stallMoment: Int64 {
    guard let stall, stall.place == .reactor else { return .max }
    return stall.moment
  }

  private func sleep() throws(SystemCallError) {
    let deadline = nextDeadline
    guard deadline != .max else { return try epoll.wait(milliseconds: nil, into: &ready) }
    let left = max(0, deadline - clock.now())
    try epoll.wait(milliseconds: Int32(clamping: left / 1_000_000 + 1), into: &ready)
  }

  /// - Returns: whether there is something to do; else it is time to sleep.
  private func look(since began: Int64) throws(SystemCallError) -> Bool {
    let patience = Int64(clamping: polling.patience)
    let deadline = nextDeadline
    var last = began
    preemption.note(at: began)
    // What is there already wants no slot.
    var hasSlot = false
    defer { if hasSlot { slots.give() } }
    for _ in 0...patience / Self.nanosecondsPerLookLeast {
      try epoll.wait(milliseconds: 0, into: &ready)
      let now = clock.now()
      let sinceLast = Self.nanoseconds(from: last, to: now)
      let isHeldUp = sinceLast > AdaptivePolling.heldUpAfter && preemption.happened(by: now)
      if isHeldUp {
        polling.heldUp(for: sinceLast)
        statistics.count(statistics.vainPolls)
      }
      if ready.count > 0 {
        noteArrival(since: began, isFound: !isHeldUp, at: now)
        if !isHeldUp { statistics.count(statistics.goodPolls) }
        return true
      }
      if now >= deadline { return true }
      if isHeldUp { return false }
      if now - began >= patience { break }
      if !hasSlot {
        guard slots.tryTake() else { return false }
        hasSlot = true
      }
      last = now
    }
    polling.foundNothing()
    statistics.count(statistics.vainPolls)
    return false
  }

  private func noteArrival(since began: Int64, isFound: Bool, at now: Int64) {
    polling.came(after: Self.nanoseconds(from: began, to: now), isFound: isFound, at: now)
  }

  private static func nanoseconds(from start: Int64, to end: Int64) -> UInt64 {
    UInt64(clamping: end - start)
  }
}
