internal import Synchronization
internal import SystemCalls

/// What a read out of the mapping touches besides the segment: a few words at a fixed address, without
/// reference counting, without a lock. One belongs to each engine.
struct ReadGate: ~Copyable {
  /// The engine that it belongs to, which outlives it.
  let engine: Unmanaged<ConnectionEngine>

  private let shownView: Atomic<UnsafePointer<MappedView>?>
  private let closingMoment: Atomic<Int64>
  private let isReporterAsleep = Atomic<Bool>(true)
  private let hitCounters = HitCounters()
  let clock = FrequentClock()
  private let forks = ForkCount.shared
  private let forksAtStart = ForkCount.shared.value

  init(_ engine: Unmanaged<ConnectionEngine>, showing view: UnsafePointer<MappedView>?, closesAt: Int64) {
    self.engine = engine
    shownView = Atomic(view)
    closingMoment = Atomic(closesAt)
  }

  /// The mapping to read from, if there is one.
  var view: UnsafePointer<MappedView>? {
    // Acquiring and releasing: whoever sees the address sees the view.
    @inline(__always) get { shownView.load(ordering: .acquiring) }
    nonmutating set { shownView.store(newValue, ordering: .releasing) }
  }

  /// From this moment on, in nanoseconds of CLOCK_BOOTTIME, the mapping is too old to be believed: `.max` while
  /// a daemon answers, and `.min` once the client is closed.
  var closesAt: Int64 {
    // Relaxed: it stands alone.
    @inline(__always) get { closingMoment.load(ordering: .relaxed) }
    nonmutating set { closingMoment.store(newValue, ordering: .relaxed) }
  }

  /// False in the child of a fork(2), whose threads, locks and connection are its parent's.
  var isOfThisProcess: Bool { @inline(__always) get { forks.value == forksAtStart } }

  // MARK: Hits

  /// All hits that were counted.
  var hits: UInt64 { hitCounters.sum }

  /// Counts a read that was answered with a value, and has the thread report it.
  @inline(__always)
  func countHit() {
    hitCounters.count()
    // Sequentially consistent, as the count is, and as what `letReporterSleep` does.
    if isReporterAsleep.load(ordering: .sequentiallyConsistent) { wakeReporter() }
  }

  @inline(never)
  private func wakeReporter() {
    // Of all readers that come here at once, one wakes it.
    guard isReporterAsleep.exchange(false, ordering: .sequentiallyConsistent) else { return }
    if !engine.takeUnretainedValue().startReporting() {
      // The next hit tries again.
      isReporterAsleep.store(true, ordering: .sequentiallyConsistent)
    }
  }

  /// Has the next hit wake the reporter; false if there are hits already that it has not told.
  func letReporterSleep(afterTelling hitsTold: UInt64) -> Bool {
    // A reader counts and then looks at the flag, this sets the flag and then looks at the counts. All are
    // sequentially consistent, so that one of the two sees the other.
    isReporterAsleep.store(true, ordering: .sequentiallyConsistent)
    if hits == hitsTold { return true }
    isReporterAsleep.store(false, ordering: .sequentiallyConsistent)
    return false
  }
}
