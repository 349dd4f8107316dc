import ArgumentParser

extension ManagerCommand {
  /// The original's table.
  struct Speed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "speed",
      abstract: "Compare one mutex around a store with sessiond and LocalSessions.",
      discussion: """
        Prints nanoseconds from one operation to the next (of all threads together), the median of the rounds, and \
        how many times as fast as the baseline that is, beside the factor that the original expects. Both daemons \
        have a store and the sessions that `sessionbench fill` makes; the one of --cold has them in its store alone.
        """)

    /// Sessions in the order in which a thread uses them: enough that they are not all in the processor's caches.
    private static let orderLength = 4096

    @Option(help: "The daemon that has its sessions in memory.") var socket: String
    @Option(help: "The one that has not: with a short --cache-ttl.") var cold: String
    @Option(help: "The baseline's database file, which is made.") var database: String
    @Option(help: "How many sessions there are.") var sessions = 10_000
    @Option(help: "How many of them are read in the store, in a turn.") var coldSessions = 2000
    @Option(help: "How many threads there are with high concurrency.") var clients = 50
    @Option(help: "How often everything has its turn.") var rounds = 5
    @Option(help: "How long a turn takes.") var milliseconds = 500
    @Option(help: "For how long a daemon is written to before that.") var lead = 1100

    func validate() throws {
      try OptionRange.check(
        ("--sessions", sessions, 1...10_000_000), ("--clients", clients, 1...1000),
        ("--rounds", rounds, 1...1000),
        ("--milliseconds", milliseconds, 1...60_000), ("--lead", lead, 0...60_000))
      // Not before it is known that there are some.
      try OptionRange.check(("--cold-sessions", coldSessions, 1...sessions))
    }

    func run() async throws {
      let keepers = try await KeeperSet(
        warm: socket, cold: cold, database: database, sessions: sessions, coldSessions: coldSessions)
      var order = RandomOrder(sessions: sessions)
      let seed = order.seed
      let works = (0..<clients).map { client in
        let ids = (0..<Self.orderLength).map { _ in SessionShape.id(order.next()) }
        return KeeperWork(ids, seed: seed &+ UInt64(client))
      }
      let crew = try KeeperCrew(clients)
      defer { crew.stop() }
      let trial = SpeedTrial(
        warm: keepers.warm, cold: keepers.cold, loads: keepers.loads, crew: crew, works: works,
        coldWork: KeeperWork((0..<coldSessions).map(SessionShape.id), isOnce: true, seed: seed),
        turn: .milliseconds(milliseconds), lead: .milliseconds(lead))
      var results = SpeedResults()
      for number in 0..<rounds { try await trial.round(number, into: &results) }
      let numbers = "sessions=\(sessions) cold=\(coldSessions) threads=\(clients) rounds=\(rounds)"
      Report.line("\(numbers) turn=\(milliseconds)ms lead=\(lead)ms seed=\(seed)")
      for line in SpeedTable(results: results).lines { Report.line(line) }
    }
  }
}
