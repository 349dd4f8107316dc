import Glibc
import Logging
import SessionCache
import SessionSegment
import SessionWire
import SystemCalls

extension Server {
  /// The parts of a running daemon.
  struct Parts {
    let cache: SessionCache
    let ledger: ConnectionLedger
    let mailboxes: [ReactorMailbox]
    let reactorProgress: [Progress]
    let reclaimer: Reclaimer
    let store: StoreService?
    let statusChange: StatusChange
    /// Comes by when all reactors, and when the reclaimer, have ended.
    let finished: CountdownLatch
    let reclaimed: CountdownLatch
    let threads: [ServiceThread]
  }

  /// Puts the daemon together, serves, and takes it apart again, in this order: signals are blocked
  /// before any thread starts; the socket comes before the segment, so that nothing is touched if it can't
  /// be had, and who connects early waits; the segment is locked before it is touched.
  func serve() throws {
    let signals = try SignalReader([SIGTERM, SIGINT, SIGHUP])
    ProcessSetUp.ignoreWriteSignals()
    ProcessSetUp.returnLargeBuffers()
    try RuntimePaths.prepare(socket: configuration.socket, uid: getuid())
    let check = MachineCheck(settled)
    if let error = ConfigurationError(problems: check.problems) { throw error }
    limitConnectionsToDescriptors()
    let listener = try openListener()
    let segmentLock = try lockSegment()
    let identity = ServerIdentity(pid: getpid(), started: clock.now(), uid: geteuid())
    let parts = try start(identity)
    try awaitReadiness(parts)
    let supervisor = try Supervisor(
      listener: listener.number, signals: signals, calls: calls, ledger: parts.ledger,
      reactors: parts.mailboxes,
      watched: parts.reactorProgress + [parts.reclaimer.progress], wakeReclaimer: parts.reclaimer.wake,
      statusChange: parts.statusChange,
      manager: manager,
      clock: clock, logger: logger,
      actions: .init(
        reload: { [parts] in self.reload(parts) }, status: { [parts] in self.status(parts) }))
    logger.notice(
      "sessiond \(identity.version) is ready",
      metadata: [
        "socket": "\(listener.isOwn ? configuration.socket : "from systemd")",
        "segment": "\(configuration.segment)",
      ])
    for warning in check.warnings { logger.warning("\(warning)") }
    manager.notify("READY=1")
    let failure = Result { () throws(SystemCallError) in try supervisor.run() }
    manager.notify("STOPPING=1")
    logger.notice("going down")
    if listener.isOwn { supervisor.acceptWaiting() }
    listener.close()
    drain(parts)
    logger.notice("stopped")
    _ = consume segmentLock
    try failure.get()
  }

  // MARK: Starting

  private func lockSegment() throws -> PidLock {
    let path = "\(configuration.segment).lock"
    do throws(PidLock.Failure) {
      return try PidLock.take(path: path)
    } catch {
      switch error {
      case .taken(let taken):
        let pid = taken.pid.map { " (pid \($0))" } ?? ""
        throw StartError.taken("another daemon\(pid) has the segment \(configuration.segment)")
      case .system(let error): throw StartError(settled.source(.segment), path: path, error)
      }
    }
  }

  private func openListener() throws -> ListenSocket {
    do {
      if let number = try ServiceManager.listeningSocket() { return try ListenSocket(handedOver: number) }
    } catch let error as ServiceManager.ActivationError {
      throw StartError.configuration("socket activation: \(error)")
    }
    let group: UInt32? = try configuration.socketGroup.map { name throws(ConfigurationError) in
      try RuntimePaths.group(name, source: settled.source(.socketGroup))
    }
    return try ListenSocket.bind(path: configuration.socket, mode: configuration.socketMode, group: group)
  }

  private func start(_ identity: ServerIdentity) throws -> Parts {
    let reclaimer = Reclaimer(clock: clock, stall: stall)
    let opened = try openStore()
    let began = clock.now()
    let (cache, origin) = try makeCache(opened?.backing ?? .none, wakeReclaimer: { reclaimer.wake() })
    let opening = clock.now() - began
    log(origin, milliseconds: opening / 1_000_000)
    let wallClock = WallClock(clock)
    let statusChange = try StatusChange()
    let service = try opened.map { try makeService($0, cache, origin, wallClock, statusChange) }
    let ledger = ConnectionLedger(
      most: configuration.maxConnections, mostPerUser: configuration.maxConnectionsPerUser,
      bufferBytesPerUser: configuration.maxBuffers)
    let statistics = (0..<configuration.threads).map { _ in ReactorStatistics() }
    let serverStatistics = ServerStatistics(
      cache: cache, ledger: ledger, reactors: statistics, identity: identity,
      wallClock: wallClock, adoption: Adoption(origin, nanoseconds: opening), store: service)
    let fullLog = RateLimitedLog(logger, level: .warning, clock: clock)
    let mapLog = RateLimitedLog(logger, level: .warning, clock: clock)
    let deniedLog = DeniedLog(logger, clock: clock)
    let limit = configuration.maxMemory
    let finished = CountdownLatch(configuration.threads)
    var mailboxes: [ReactorMailbox] = []
    var progress: [Progress] = []
    var threads: [ServiceThread] = []
    for (index, statistics) in statistics.enumerated() {
      let mailbox = try ReactorMailbox()
      let executor = RequestExecutor(
        cache: cache, clock: clock, wallClock: wallClock, identity: identity, statistics: statistics,
        serverStatistics: serverStatistics,
        segment: SegmentHandout(cache, statistics: statistics, log: mapLog),
        mappers: configuration.mappers, deniedLog: deniedLog,
        desk: service.map { StoreDesk($0, bell: mailbox.bell) },
        onFull: { fullLog.log("the cache is full: writes are refused (max-memory is \(limit) bytes)") })
      let answered = Progress(name: "reactor \(index)")
      let reactor = try Reactor(
        mailbox: mailbox, executor: executor, progress: answered, ledger: ledger, statistics: statistics,
        roles: roles, clock: clock, calls: calls, stall: index == 0 ? stall : nil,
        slots: .shared, limits: reactorLimits, logger: logger)
      mailboxes.append(mailbox)
      progress.append(answered)
      threads.append(try reactor.start(name: "reactor-\(index)", finished: finished, logger: logger))
    }
    let reclaimed = CountdownLatch(1)
    threads.append(
      try ServiceThread(name: "reclaimer") {
        reclaimer.run(cache)
        reclaimed.arrive()
      })
    return Parts(
      cache: cache, ledger: ledger, mailboxes: mailboxes, reactorProgress: progress, reclaimer: reclaimer,
      store: service, statusChange: statusChange,
      finished: finished, reclaimed: reclaimed, threads: threads)
  }

  private func makeCache(
    _ backing: Backing, wakeReclaimer: @escaping @Sendable () -> Void
  ) throws -> (SessionCache, SegmentOrigin) {
    do {
      let opener = SegmentOpener(
        path: configuration.segment, size: configuration.maxMemory, shardCount: configuration.shards,
        settings: cacheSettings, backing: backing, clock: clock, boot: BootIdentity.current(),
        threads: configuration.threads,
        wakeReclaimer: wakeReclaimer)
      return try opener.open()
    } catch let error as SegmentError {
      switch error {
      case .size, .occupied, .owner:
        throw StartError.configuration("\(settled.source(.segment)): \(configuration.segment): \(error)")
      case .taken: throw StartError.taken("another daemon has the segment \(configuration.segment)")
      case .system, .unfit: throw StartError.system("\(configuration.segment): \(error)")
      }
    } catch let error as SystemCallError {
      throw StartError(settled.source(.segment), path: configuration.segment, error)
    } catch {
      throw StartError.system("\(configuration.segment): \(error)")
    }
  }

  /// Says in one line what became of the sessions that were there.
  private func log(_ origin: SegmentOrigin, milliseconds: Int64) {
    let segment = configuration.segment
    switch origin {
    case .fresh: logger.info("the segment \(segment) is new")
    case .adopted(let sessions):
      logger.notice(
        "took over \(sessions) sessions in \(milliseconds) ms", metadata: ["segment": "\(segment)"])
    case .moved(let sessions):
      logger.notice(
        "moved \(sessions) sessions to a segment of \(configuration.maxMemory) bytes in \(milliseconds) ms",
        metadata: ["segment": "\(segment)"])
    case .keptAsItIs(let sessions, let reason):
      logger.warning(
        "took over \(sessions) sessions, but the segment \(segment) keeps its size and shards until the next start: \(reason)"
      )
    case .setAside(let path, let reason, let sessions):
      logger.warning(
        "the segment \(segment) is set aside as \(path): \(reason); \(sessions) sessions were kept")
    }
  }

  /// READY means that every thread has gone round its loop and would answer.
  private func awaitReadiness(_ parts: Parts) throws {
    let watched = parts.reactorProgress + [parts.reclaimer.progress]
    for progress in watched { progress.ask() }
    for mailbox in parts.mailboxes { mailbox.signal.raise() }
    parts.reclaimer.wake()
    let deadline = clock.now() + 10_000_000_000
    while let waiting = watched.first(where: { !$0.hasAnswered }) {
      guard clock.now() < deadline else { throw StartError.system("\(waiting.name) does not start") }
      usleep(200)
    }
  }

  /// Takes as many descriptors as the connections want; if there may not be so many, the connections
  /// are fewer.
  private func limitConnectionsToDescriptors() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    let wanted = rlim_t(configuration.maxConnections + descriptorReserve)
    if limit.rlim_cur < wanted {
      limit.rlim_cur = min(wanted, limit.rlim_max)
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
    guard limit.rlim_cur < wanted else { return }
    configuration.maxConnections = max(1, Int(limit.rlim_cur) - descriptorReserve)
    configuration.maxConnectionsPerUser = min(
      configuration.maxConnectionsPerUser,
      configuration.maxConnections
        - ServerConfiguration.connectionsForOthers(of: configuration.maxConnections))
    logger.warning(
      "\(limit.rlim_cur) descriptors are allowed, so there are at most \(configuration.maxConnections) connections"
    )
  }

  private var cacheSettings: SessionCache.Settings {
    .init(
      ttl: configuration.ttl, lifetime: configuration.maxLifetime, sessionBytesMost: configuration.maxSession,
      keysMost: Limits.keysPerSession, evictsWhenFull: configuration.whenFull == .evict,
      cacheTTL: configuration.cacheTTL)
  }

  private var roles: RoleRules {
    RoleRules(daemonUID: geteuid(), admins: configuration.admins, readers: configuration.readers)
  }

  private var reactorLimits: ReactorLimits {
    ReactorLimits(
      lineBytesMost: configuration.maxLine, lineTimeout: configuration.lineTimeout,
      pollingBudget: UInt64(configuration.busyPoll))
  }

  // MARK: Running

  private func status(_ parts: Parts) -> String {
    let sessions = parts.cache.sessionCount
    let connections = parts.ledger.totals.current
    let store = parts.store?.statusText.map { "; \($0)" } ?? ""
    return ServiceManager.statusText(
      "\(sessions) sessions, \(connections) connections\(store)\(reloadError.map { "; \($0)" } ?? "")")
  }

  /// Reads the configuration again. If it can't be used, everything stays as it is.
  private func reload(_ parts: Parts) {
    manager.notifyReloading()
    defer { manager.notify("READY=1\nSTATUS=\(status(parts))") }
    let new: SettledConfiguration
    do throws(ConfigurationError) {
      new = try source.settle()
    } catch {
      reloadError = "the configuration was not reloaded: \(error)"
      for problem in error.problems {
        logger.error("the configuration was not reloaded and stays as it was: \(problem)")
      }
      return
    }
    reloadError = nil
    let fixed = configuration.takeReloadable(from: new.configuration)
    limitConnectionsToDescriptors()
    logger.logLevel = configuration.logLevel.level
    parts.cache.settings = cacheSettings
    parts.store?.setTerms(storeTerms)
    parts.ledger.setLimits(
      most: configuration.maxConnections, mostPerUser: configuration.maxConnectionsPerUser,
      bufferBytesPerUser: configuration.maxBuffers)
    for mailbox in parts.mailboxes {
      mailbox.post { [limits = reactorLimits, mappers = configuration.mappers, roles] in
        $0.limits = limits
        $0.mappers = mappers
        $0.roles = roles
      }
    }
    logger.notice("the configuration was reloaded")
    if !fixed.isEmpty {
      logger.warning("changed, but only a restart applies it: \(fixed.map(\.name).joined(separator: ", "))")
    }
    // Better now, with somebody there who has just changed it, than at the next upgrade.
    let check = MachineCheck(new)
    for problem in check.problems { logger.warning("the next start would fail: \(problem)") }
    for warning in check.warnings { logger.warning("\(warning)") }
  }
}
