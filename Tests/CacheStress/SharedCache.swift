import SessionCache
import SessionSegment
import Synchronization
import SystemCalls

/// The cache, and what its writers know to be done.
final class SharedCache: Sendable {
  static let second: Int64 = 1_000_000_000
  static let key = Array("value".utf8)
  static let pairKey = Array("number".utf8)

  let plan: StressPlan
  let cache: SessionCache
  let reader: SegmentReader
  /// The clock that deadlines follow; it moves in the turmoil only.
  let now = Atomic<Int64>(1_000 * second)
  let writes = Atomic<Int>(0)
  let lockedReads = Atomic<Int>(0)
  let locklessReads = Atomic<Int>(0)
  let misses = Atomic<Int>(0)
  let doubts = Atomic<Int>(0)
  let crowded = Atomic<Int>(0)
  let ids: [[UInt8]]
  private let ledger: [SessionLedger]
  private let end: Int64
  private let failures = Atomic<Int>(0)

  /// The number of the last value of a session that was written, and of the last one that was removed: a
  /// session has one writer.
  private final class SessionLedger: Sendable {
    let written = Atomic<Int64>(0)
    let removed = Atomic<Int64>(0)
  }

  /// Memory is never wanting, and stays when it is given back.
  private struct AmplePages: PageSource {
    func commit(offset: Int, length: Int) throws(SystemCallError) {}
    func release(offset: Int, length: Int) throws(SystemCallError) {}
  }

  init(_ plan: StressPlan, seconds: Double) throws {
    self.plan = plan
    let segment = try SegmentFile.anonymous(size: plan.memory, pages: AmplePages())
    cache = try SessionCache(
      segment: segment, shardCount: 4,
      settings: .init(
        ttl: (plan.isCrowded ? 200 : 2) * Self.second, lifetime: 0, sessionBytesMost: 1 << 20, keysMost: 100,
        evictsWhenFull: plan.isCrowded),
      wakeReclaimer: {})
    reader = try SegmentReader(segment.mapping)
    ids = (0..<plan.sessions).map { Array("session-\($0)".utf8) }
    ledger = (0..<plan.sessions).map { _ in SessionLedger() }
    end = BootClock.system.now() + Int64(seconds * 1e9)
  }

  /// Whether the time is up, or something was seen that must not be.
  var isOver: Bool { failures.load(ordering: .relaxed) > 0 || BootClock.system.now() >= end }

  func fail(_ what: String) {
    failures.wrappingAdd(1, ordering: .relaxed)
    print("cache stress: \(what)")
  }

  func written(_ session: Int) -> Int64 { ledger[session].written.load(ordering: .acquiring) }
  func removed(_ session: Int) -> Int64 { ledger[session].removed.load(ordering: .acquiring) }
  func noteWritten(_ session: Int, _ counter: Int64) {
    ledger[session].written.store(counter, ordering: .releasing)
  }
  func noteRemoved(_ session: Int, _ counter: Int64) {
    ledger[session].removed.store(counter, ordering: .releasing)
  }

  var summary: String {
    "\(writes.load(ordering: .relaxed)) writes, \(locklessReads.load(ordering: .relaxed)) reads without a lock, "
      + "\(lockedReads.load(ordering: .relaxed)) with one, \(misses.load(ordering: .relaxed)) misses, "
      + "\(doubts.load(ordering: .relaxed)) in doubt, \(crowded.load(ordering: .relaxed)) other sessions, "
      + "\(cache.statistics.expired) expired, "
      + "\(cache.statistics.evicted.untagged) and \(cache.statistics.evicted.tagged) tagged evicted"
  }

  /// Nothing was wrong, everything was tried, and when everything ends every byte comes back.
  func verify() throws {
    // Some rounds, for giving memory back and moving records together have their own times.
    for _ in 0..<100 {
      now.wrappingAdd(100 * Self.second, ordering: .relaxed)
      if cache.sweep(at: now.load(ordering: .relaxed), pause: { true }) == .max { break }
    }
    let rest = cache.statistics
    guard failures.load(ordering: .relaxed) == 0 else {
      throw StressFailure(description: "something was seen that must not be")
    }
    guard rest.sessions == 0, rest.memoryUsed == rest.memoryIndex else {
      throw StressFailure(description: "memory that did not come back: \(rest)")
    }
    guard !plan.isCrowded || rest.evicted.untagged > 100 else {
      throw StressFailure(description: "too little was evicted to tell anything: \(rest.evicted)")
    }
    guard locklessReads.load(ordering: .relaxed) > 1_000, misses.load(ordering: .relaxed) > 0 else {
      throw StressFailure(description: "too little was read to tell anything")
    }
  }
}
