import SessionClient

/// All keepers, with the sessions in them that `sessionbench fill` makes, warmed up and checked.
struct KeeperSet {
  let warm: [Contender]
  let cold: [Contender]
  private let coldProbe: DaemonProbe

  /// An hour: no session ends while it is measured.
  private static let idle = Duration.seconds(3600)
  private static let idleMilliseconds = 3_600_000
  /// How often reads are tried until the mapping is there, and the pause in between.
  private static let mappingAttempts = 100
  private static let mappingPause = Duration.milliseconds(20)

  /// - Parameters:
  ///   - warm: the socket of the daemon that has its sessions in memory.
  ///   - cold: of the one that has not.
  ///   - database: the baseline's file.
  ///   - coldSessions: how many of the sessions are read in the store.
  init(warm: String, cold: String, database: String, sessions: Int, coldSessions: Int) async throws {
    let ids = (0..<sessions).map(SessionShape.id)
    let mutex = try SimpleMutex(database, idle: Self.idleMilliseconds)
    for id in ids { try mutex.create(id) }
    let local = LocalSessions(options: .init(ttl: Self.idle))
    for id in ids { try await Self.fill(local, id) }

    let off = SessionClient.Options(mapping: .off)
    let mapped = SessionClient(socket: warm)
    let byMapping = DaemonKeeper(client: mapped)
    let bySocket = DaemonKeeper(client: SessionClient(socket: warm, options: off))
    for id in ids {
      for keeper in [mutex, LocalKeeper(sessions: local), byMapping, bySocket] as [any SessionKeeper] {
        guard try await keeper.read(id) == SessionShape.value(id) else { throw BenchmarkFailure.wrong(id) }
      }
    }
    try await Self.awaitMapping(mapped, ids[0])

    let warmProbe = DaemonProbe(socket: warm)
    let coldProbe = DaemonProbe(socket: cold)
    self.coldProbe = coldProbe
    self.warm = [
      Contender(.simpleMutex, mutex),
      Contender(.mapping, byMapping, settle: warmProbe.awaitSaved),
      Contender(.socket, bySocket, settle: warmProbe.awaitSaved),
      Contender(.local, LocalKeeper(sessions: local)),
    ]
    // `LocalSessions` has no store to go to.
    self.cold = [
      Contender(.simpleMutex, mutex),
      Contender(.mapping, DaemonKeeper(client: SessionClient(socket: cold)), settle: coldProbe.awaitEmpty),
      Contender(
        .socket, DaemonKeeper(client: SessionClient(socket: cold, options: off)),
        settle: coldProbe.awaitEmpty),
    ]
    try await warmUpCold(Array(ids.prefix(coldSessions)))
  }

  /// How many loads the daemon with the sessions in its store has counted.
  func loads() async throws -> Int { try await coldProbe.loads() }

  private static func fill(_ local: LocalSessions, _ id: String) async throws {
    try await local.set(id, SessionShape.smallKey, String(id.prefix(SessionShape.smallBytes)))
    try await local.set(id, "theme", "dark")
    try await local.set(id, "visits", 42)
    try await local.set(id, SessionShape.valueKey, SessionShape.value(id))
  }

  /// The first reads go over the socket: until they don't.
  private static func awaitMapping(_ client: SessionClient, _ id: String) async throws {
    for _ in 0..<mappingAttempts {
      let before = try await client.stats().mapped.hits
      _ = try client.blocking.get(id, SessionShape.valueKey, as: String.self)
      // The client's own reads are counted in when it asks.
      if try await client.stats().mapped.hits > before { return }
      try await Task.sleep(for: mappingPause)
    }
    throw BenchmarkFailure("the daemon of --socket does not lend its memory to this user (mappers)")
  }

  /// Connections and mappings are made now, and one session is loaded; then the daemon lets go of it.
  private func warmUpCold(_ ids: [String]) async throws {
    let flag = StopFlag()
    for contender in cold {
      try await coldProbe.awaitEmpty()
      _ = try await contender.run(KeeperWork(ids, isOnce: true, seed: 0), writesPercent: 0, until: flag)
    }
    try await coldProbe.awaitEmpty()
  }
}
