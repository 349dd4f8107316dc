import Logging
import SessionCache
import SessionStore
import SessionWire
import StoreSupport
import Synchronization
import SystemCalls

@testable import SessionServer

/// A cache over a memory store on a moved clock, with the threads between them, and clients that talk to it without
/// sockets.
final class StoredDaemon {
  let clock: MovedClock
  let store: MemoryStore
  let cache: SessionCache
  let service: StoreService
  let log = RecordedLog()
  private let ears = StoreEars()
  var isStopped = false

  enum Mode: String, CaseIterable, Sendable {
    case behind, through, shared
  }

  /// Runs `body` with a daemon, and ends that in any case.
  static func with<Result>(
    _ mode: Mode = .behind, bytes: Int = 4 << 20, queueMost: Int = 100_000, isThere: Bool = true,
    warmsUp: Bool = false, table: MemoryTable? = nil, cache: SessionCache? = nil,
    clock: MovedClock = MovedClock(), ttl: Int64 = 600,
    sessionsBefore: [String] = [], isOpened: Bool = true, isolation: isolated (any Actor)? = #isolation,
    _ body: (StoredDaemon) async throws -> Result
  ) async throws -> Result {
    let daemon = try StoredDaemon(
      mode, bytes: bytes, queueMost: queueMost, isThere: isThere, warmsUp: warmsUp, table: table,
      cache: cache,
      clock: clock,
      ttl: ttl, sessionsBefore: sessionsBefore, isOpened: isOpened)
    do {
      let result = try await body(daemon)
      daemon.stop()
      return result
    } catch {
      daemon.stop()
      throw error
    }
  }

  /// Two daemons on one shared store and one clock, with a client each.
  static func withTwo(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (_ daemons: [StoredDaemon], _ clients: [Dialogue]) async throws -> Void
  ) async throws {
    let clock = MovedClock()
    let clockOfStore = clock.clock
    let table = MemoryTable(isShared: true, now: { clockOfStore.wallClock() })
    try await with(.shared, table: table, clock: clock) { one in
      try await with(.shared, table: table, clock: clock) { other in
        try await body([one, other], [try one.client(), try other.client()])
      }
    }
  }

  init(
    _ mode: Mode, bytes: Int, queueMost: Int = 100_000, isThere: Bool = true, warmsUp: Bool = false,
    table: MemoryTable? = nil, cache: SessionCache? = nil, clock: MovedClock, ttl: Int64 = 600,
    sessionBytesMost: Int = 1 << 20,
    sessionsBefore: [String] = [], isOpened: Bool = true
  ) throws {
    self.clock = clock
    let clockForStore = clock.clock
    let table = table ?? MemoryTable(isShared: mode == .shared, now: { clockForStore.wallClock() })
    store = MemoryStore(table)
    if !isThere { store.faults.disconnect(isReachable: false) }
    store.tell(ears)
    self.cache =
      try cache
      ?? makeCache(
        bytes: bytes, shards: 4, ttl: ttl, sessionBytesMost: sessionBytesMost,
        backing: mode == .shared ? .shared : .own)
    for id in sessionsBefore { try Self.makeBefore(id, in: self.cache, at: clock.now) }
    if !isOpened { store.faults.hold([.open]) }
    let opening = isOpened ? nil : try StoreOpening(store)
    let opened = opening == nil ? Result { [store] () throws(StoreError) in try store.open() } : nil
    service = StoreService(
      store, cache: self.cache,
      terms: StoreTerms(flushEvery: 1_000_000_000, queueMost: queueMost, isThrough: mode == .through),
      opening: opening, opened: opened, warmsUp: warmsUp, clock: clock.clock,
      wallClock: WallClock(clock.clock),
      report: StoreReport(
        logger: log.logger, name: "memory", kind: "memory",
        damageLog: RateLimitedLog(log.logger, level: .warning, clock: clock.clock), stateChanged: {}))
    ears.listen(for: service)
    try service.start()
  }

  /// A session of the time before the store: the store is not asked whether it has it.
  private static func makeBefore(_ id: String, in cache: SessionCache, at now: Int64) throws {
    let name = Array(id.utf8)
    let line = Array("k1".utf8)
    var edits = FieldEdits(seed: cache.hashSeed)
    edits.add(key: 0..<1, value: 1..<2, in: line.span)
    _ = try cache.write(
      name.span, &edits, of: line.span, .init(version: 0, assumesAbsent: true), at: now)
  }

  /// A client with a reactor's executor of its own.
  func client(role: Role = .admin) throws -> Dialogue {
    try Dialogue(cache: cache, clock: clock, role: role, service: service)
  }

  /// Lets the store have all that was changed until now, so that only uses are saved later, and nothing more is due.
  func waitUntilAllSaved() throws {
    service.withState { $0.pace.ask() }
    service.saver.wake()
    try eventually("a round is over") {
      service.hasAllButUses.load(ordering: .relaxed)
        && service.withState { !$0.pace.isAsked && $0.pace.lastBegin == clock.now }
    }
  }

  func markUses() {
    var cursor: WalkCursor? = WalkCursor()
    var leastTTL = Int64.max
    while let place = cursor { cursor = cache.markUsed(place, leastTTL: &leastTTL) }
  }

  /// Saves what is unsaved, and uses.
  func flush() throws {
    markUses()
    service.withState { $0.pace.ask() }
    service.saver.wake()
    try eventually("everything is saved") { cache.unsavedCount == 0 }
  }

  /// Moves the clock, and lets the threads look at it.
  func advance(seconds: Double) {
    clock.advance(seconds: seconds)
    service.saver.wake()
    service.loader.wake()
  }

  /// Lets the time go on until the store is there.
  func waitUntilBack() throws {
    try eventually("the store is back") {
      advance(seconds: 0.05)
      return service.withState { $0.health.phase } == .ok
    }
  }

  /// Forgets all that the store has, but that some of it was used.
  func forgetAll() { cache.forgetAll(evenIfUsed: true) }

  func stored(_ id: String) -> StoredRecord? { store.table.record(Array(id.utf8)) }

  func stop() {
    guard !isStopped else { return }
    isStopped = true
    store.faults.release()
    _ = service.stop {}
  }
}
