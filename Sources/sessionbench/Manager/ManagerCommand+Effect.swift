import ArgumentParser
import SessionClient
import SystemCalls
import TestSupport

extension ManagerCommand {
  /// The original's test of cache effectiveness.
  struct Effect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "effect",
      abstract: "Show hit ratio and time against idle time and the gap between two uses.",
      discussion: """
        A session that is not in the cache is loaded from a store, and put there. Prints the part of the uses that \
        found it, beside what a simple model says of the same gaps, and microseconds that a use took. For \
        LocalSessions the clock is moved; for the daemon the times are shorter, and slept.
        """)

    private static let idles = [60_000, 600_000]
    private static let gaps = [6_000, 60_000, 300_000, 1_200_000]
    /// In the daemon's test. Far enough from each other that the machine's hiccups seldom cross the line.
    private static let shortIdles = [200, 500]
    private static let shortGaps = [50, 100, 1000]
    private static let daemonTolerance = 0.05
    private static let usesWithoutCache = 10_000
    /// Numbers of sessions that nobody else has.
    private static let firstNumber = 1_000_000_000

    @Option(help: "A daemon.") var socket: String
    @Option(help: "The store: a database file, which is made.") var database: String
    @Option(help: "How many sessions are used.") var sessions = 50
    @Option(help: "How often each of them is, in LocalSessions.") var uses = 200
    @Option(help: "Likewise, in the daemon.") var daemonUses = 6

    func validate() throws {
      try OptionRange.check(
        ("--sessions", sessions, 1...10_000), ("--uses", uses, 1...100_000),
        ("--daemon-uses", daemonUses, 1...1000))
    }

    func run() async throws {
      let seed = UInt64(truncatingIfNeeded: BootClock.system.now())
      var random = SplitMix64(seed: seed)
      // It is the cache's time that counts here.
      let store = try SimpleMutex(database, idle: .max)
      let ids = try newIDs(0, store)
      let reference = try EffectTrial(cache: LocalSessions(), store: store, pass: { _ in }).withoutCache(
        ids, uses: Self.usesWithoutCache)
      Report.line("sessions=\(sessions) uses=\(uses) daemon-uses=\(daemonUses) seed=\(seed)")
      Report.line("without a cache a use takes \(ColumnText.number(reference.microsecondsPerUse)) us")

      var rows: [EffectTable.Row] = []
      for pattern in Self.patterns {
        let gaps = pattern.gaps(uses, &random)
        let local = LocalSessions(options: .init(clock: .stopped))
        let trial = EffectTrial(cache: local, store: store, pass: { local.advance(by: .nanoseconds($0)) })
        let outcome = try await trial.run(ids, idle: pattern.idle, gaps: gaps)
        rows.append(Self.row(pattern, gaps, outcome))
      }
      show("LocalSessions", rows, reference, tolerance: 0)

      let client = SessionClient(socket: socket)
      rows = []
      for (number, pattern) in Self.shortPatterns.enumerated() {
        let gaps = pattern.gaps(daemonUses, &random)
        let trial = EffectTrial(
          cache: client, store: store, pass: { try await Task.sleep(for: .nanoseconds($0)) })
        let outcome = try await trial.run(newIDs(1 + number, store), idle: pattern.idle, gaps: gaps)
        rows.append(Self.row(pattern, gaps, outcome))
      }
      show("sessiond", rows, reference, tolerance: Self.daemonTolerance)
    }

    private static var patterns: [AccessPattern] {
      AccessPattern.Kind.allCases.flatMap { kind in
        idles.flatMap { idle in gaps.map { AccessPattern(kind: kind, idle: idle, gap: $0) } }
      }
    }

    private static var shortPatterns: [AccessPattern] {
      shortIdles.flatMap { idle in shortGaps.map { AccessPattern(kind: .steady, idle: idle, gap: $0) } }
    }

    /// Ids that the store has and no cache.
    private func newIDs(_ block: Int, _ store: SimpleMutex) throws -> [String] {
      let first = Self.firstNumber + block * sessions
      let ids = (first..<first + sessions).map(SessionShape.id)
      for id in ids { try store.create(id) }
      return ids
    }

    private static func row(
      _ pattern: AccessPattern, _ gaps: [Int64], _ outcome: EffectTrial.Outcome
    ) -> EffectTable.Row {
      EffectTable.Row(
        pattern: pattern, expectedRatio: Double(pattern.hits(gaps)) / Double(gaps.count), outcome: outcome)
    }

    private func show(
      _ title: String, _ rows: [EffectTable.Row], _ reference: EffectTrial.Outcome, tolerance: Double
    ) {
      let table = EffectTable(
        title: title, rows: rows, microsecondsWithoutCache: reference.microsecondsPerUse,
        tolerance: tolerance)
      Report.line("")
      for line in table.lines { Report.line(line) }
    }
  }
}
