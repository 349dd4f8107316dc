import Synchronization

/// What the store's threads count, and some switches that the reactors look at. Any thread may read.
final class StoreCounters: Sendable {
  /// Ids that were asked for, those that the store had, and those that it had not.
  let loads = Atomic<UInt64>(0)
  let loadHits = Atomic<UInt64>(0)
  let loadMisses = Atomic<UInt64>(0)
  /// Records that the store took, and in how many calls.
  let saves = Atomic<UInt64>(0)
  let batches = Atomic<UInt64>(0)
  let conflicts = Atomic<UInt64>(0)
  let failures = Atomic<UInt64>(0)
  /// Sessions that were loaded into an empty cache; -1: that is not done.
  let warmed = Atomic<Int64>(-1)
  /// How long a call of `load` took, and one of `apply`. Written by one thread each.
  let loadLatency = LatencyHistogram()
  let batchLatency = LatencyHistogram()

  /// The shortest idle time of a session that was saved or loaded since the last search for uses began, and of one that
  /// this has met.
  private let leastTTLNoted = Atomic<Int64>(.max)
  private let leastTTLFound = Atomic<Int64>(.max)

  /// How many damaged records of the store were told of.
  let damagedTold = Atomic<Int>(0)
  let queueMost = Atomic<Int>(0)
  let isEarlyFlushAsked = Atomic<Bool>(false)
  /// Whether the store was there once since the start.
  let hasOpened = Atomic<Bool>(false)
  /// When the call began that the thread is in, nanoseconds of CLOCK_BOOTTIME; 0: it is in none.
  let loadingSince = Atomic<Int64>(0)
  let savingSince = Atomic<Int64>(0)

  /// The shortest idle time of a session in memory, in nanoseconds.
  var leastTTL: Int64 {
    min(leastTTLNoted.load(ordering: .relaxed), leastTTLFound.load(ordering: .relaxed))
  }

  func note(ttl: Int64) {
    if ttl < leastTTLNoted.load(ordering: .relaxed) { leastTTLNoted.min(ttl, ordering: .relaxed) }
  }

  /// What was noted before counts until the search has found what is in memory.
  func beginSearch() {
    let noted = leastTTLNoted.exchange(.max, ordering: .relaxed)
    leastTTLFound.min(noted, ordering: .relaxed)
  }

  func endSearch(leastTTL: Int64) { leastTTLFound.store(leastTTL, ordering: .relaxed) }

  func count(_ counter: borrowing Atomic<UInt64>, _ amount: Int = 1) {
    counter.wrappingAdd(UInt64(amount), ordering: .relaxed)
  }
}
