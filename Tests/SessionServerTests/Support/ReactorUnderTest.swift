import Logging
import SessionCache
import SystemCalls

@testable import SessionServer

/// A reactor in a thread of its own, on a moved clock, whose socket calls the test lets fail.
final class ReactorUnderTest {
  let clock: MovedClock
  let sockets = FaultySockets()
  let log = RecordedLog()
  let statistics = ReactorStatistics()
  let ledger = ConnectionLedger(most: 100, mostPerUser: 100, bufferBytesPerUser: 3_000_000)
  let mailbox: ReactorMailbox
  let cache: SessionCache
  private let progress = Progress(name: "reactor")
  private let finished = CountdownLatch(1)
  private let thread: ServiceThread

  /// Runs `body` beside the reactor, and ends it in any case.
  static func with<Result>(
    cache: SessionCache? = nil, clock: MovedClock = MovedClock(), lineTimeout seconds: Int64 = 30,
    service: StoreService? = nil, stall: TestStall? = nil, pollingBudget: UInt64 = 0,
    slots: PollingSlots = PollingSlots(most: 0), preemptions: @escaping @Sendable () -> Int = { 0 },
    _ body: (ReactorUnderTest) throws -> Result
  ) throws -> Result {
    let reactor = try ReactorUnderTest(
      cache: try cache ?? makeCache(), clock: clock, service: service, stall: stall, slots: slots,
      preemption: Preemption(count: preemptions),
      limits: ReactorLimits(
        lineBytesMost: 1 << 20, lineTimeout: seconds * 1_000_000_000, pollingBudget: pollingBudget))
    defer { reactor.stop() }
    return try body(reactor)
  }

  private init(
    cache: SessionCache, clock: MovedClock, service: StoreService?, stall: TestStall?, slots: PollingSlots,
    preemption: Preemption, limits: ReactorLimits
  ) throws {
    self.cache = cache
    self.clock = clock
    let mailbox = try ReactorMailbox()
    self.mailbox = mailbox
    let identity = ServerIdentity(pid: 4711, started: clock.now, uid: 1000)
    let executor = RequestExecutor(
      cache: cache, clock: clock.clock, wallClock: WallClock(clock.clock), identity: identity,
      statistics: statistics,
      serverStatistics: ServerStatistics(
        cache: cache, ledger: ledger, reactors: [statistics], identity: identity,
        wallClock: WallClock(clock.clock)),
      segment: SegmentHandout(
        cache, statistics: statistics,
        log: RateLimitedLog(log.logger, level: .warning, clock: clock.clock)),
      mappers: .everybody, deniedLog: DeniedLog(log.logger, clock: clock.clock),
      desk: service.map { StoreDesk($0, bell: mailbox.bell) }, onFull: {})
    let reactor = try Reactor(
      mailbox: mailbox, executor: executor, progress: progress, ledger: ledger, statistics: statistics,
      roles: RoleRules(daemonUID: identity.uid, admins: .nobody, readers: .nobody), clock: clock.clock,
      calls: sockets.calls, stall: stall, slots: slots, preemption: preemption, limits: limits,
      logger: log.logger)
    thread = try reactor.start(name: "reactor", finished: finished, logger: log.logger)
  }

  /// A connected client, and the number of the reactor's socket for it.
  func connect(uid: UInt32 = 0, groups: [UInt32] = []) throws -> (client: TestClient, socket: Int32) {
    let (client, socket) = try TestClient.pair()
    try ledger.admit(uid)
    mailbox.post {
      $0.arrivals.append(
        .init(socket: socket, peer: PeerCredentials(pid: 1, uid: uid, gid: uid, groups: groups)))
    }
    return (client, socket)
  }

  /// Waits until the reactor has seen everything that happened before. Twice, since the first answer may
  /// come from a turn that was already under way.
  func settle() throws {
    for _ in 0..<2 {
      progress.ask()
      mailbox.signal.raise()
      try eventually("the reactor goes round") { progress.hasAnswered }
    }
  }

  var connectionCount: Int { ledger.totals.current }

  /// Lets it answer what has come, and end by itself; false if it does not.
  func drain() -> Bool {
    mailbox.post { $0.isDraining = true }
    return finished.wait(nanoseconds: 10_000_000_000)
  }

  private func stop() {
    mailbox.post { $0.isOver = true }
    thread.join()
  }
}
