import Glibc
import Synchronization
import TestSupport

/// A daemon with a store behind it, writers, what is done to them, and what must be so afterwards.
final class StoreTrial {
  let store: TestedStore
  let daemon: DaemonProcess
  let redis: RedisServer?
  /// Where the database is, unless it is in the test's directory.
  let files: LossyFileSystem?
  /// The directory of the database, or the socket of the server.
  private let place: String
  private let options: DaemonOptions
  private let writers: [CrashWriter]
  private var random: SplitMix64
  /// Those that were given, in all rounds.
  private var versions: Set<UInt64> = []
  private var lastVersion: UInt64 = 0
  private var hasFallenBack = false
  /// Of how many sessions something was undone, in all rounds.
  private(set) var undone = 0

  /// - Parameters:
  ///   - files: for the database; nil: the test's directory.
  ///   - memory: of the daemon; by default less than all sessions take.
  ///   - environment: of the daemon.
  init(
    _ store: TestedStore, in directory: TemporaryDirectory, files: LossyFileSystem? = nil,
    environment: [String: String] = [:], memory: String = "8M", seed: UInt64
  ) throws {
    self.store = store
    self.files = files
    redis = store == .redis ? try RedisServer(in: directory) : nil
    place = redis?.socketPath ?? files?.directory ?? directory.file("state")
    if redis == nil, files == nil { try check(mkdir(place, 0o700), "mkdir") }
    random = SplitMix64(seed: seed)
    writers = (0..<4).map { CrashWriter(number: $0, sessions: 100, seed: seed) }
    let limits = ["--max-memory", memory, "--shards", "2", "--max-session", "400K"]
    options = DaemonOptions(
      arguments: store.arguments(at: place) + limits, environment: environment, wrapper: files?.wrapper ?? [])
    daemon = try DaemonProcess.start(in: directory, options)
    // A database that was never empty: versions go on from what it knows.
    _ = try daemon.ask("SET first a 1").version
    try daemon.waitUntilSaved()
  }

  var acknowledged: Int { writers.reduce(0) { $0 + $1.acknowledged } }
  var unavailable: Int { writers.reduce(0) { $0 + $1.unavailable } }

  /// How a round ends.
  enum Ending {
    /// kill -9 amid writes.
    case killed
    /// The same, and the segment is gone. Write-behind has saved all before.
    case killedWithSegment
    /// SIGTERM amid writes, and the segment is gone.
    case stopped
    /// kill -9 of the server amid writes; it comes back.
    case serverKilled
    case bothKilled
    /// kill -9 of the daemon, the segment is gone, and what was not synced.
    case powerCut(seed: UInt64)
  }

  /// The endings that a store can have, but for a power cut.
  static func endings(of store: TestedStore) -> [Ending] {
    store == .redis
      ? [.killed, .serverKilled, .bothKilled, .killedWithSegment, .stopped, .serverKilled]
      : [.killed, .killed, .killedWithSegment, .killed, .stopped, .killed]
  }

  /// Lets the writers work, ends it in some way, starts it again, and looks at everything.
  ///
  /// - Parameter microsecondsMost: how long they work.
  func round(_ ending: Ending, microsecondsMost: UInt32 = 1 << 18) throws {
    // Short times are as likely as long ones.
    let microseconds =
      30_000 + UInt32.random(in: 0...(microsecondsMost >> UInt32(random.pick(6))), using: &random)
    let pid = daemon.pid
    var moment: Double?
    switch ending {
    case .killed:
      try work(for: microseconds) { _ in try check(kill(pid, SIGKILL), "kill") }
    case .killedWithSegment:
      if store.isThrough {
        try work(for: microseconds) { _ in try check(kill(pid, SIGKILL), "kill") }
      } else {
        try work(for: microseconds) { $0.end() }
        try daemon.waitUntilSaved()
      }
      daemon.killWithSegment()
    case .stopped:
      try work(for: microseconds) { _ in try check(kill(pid, SIGTERM), "kill") }
      guard try daemon.waitForExit() == .exited(0) else { throw Failure("SIGTERM: \(daemon.standardError)") }
      unlink(daemon.segmentPath)
    case .serverKilled: return try killServer(after: microseconds)
    case .bothKilled:
      guard let server = redis?.pid else { throw Failure("no server") }
      let between = UInt32.random(in: 0...20_000, using: &random)
      try work(for: microseconds) { _ in
        try check(kill(server, SIGKILL), "kill")
        usleep(between)
        try check(kill(pid, SIGKILL), "kill")
      }
      try redis?.restart()
    case .powerCut(let seed):
      try work(for: microseconds) { _ in try check(kill(pid, SIGKILL), "kill") }
      moment = store.isThrough ? nil : secondsSinceBoot() - TestedStore.window
      daemon.killWithSegment()
      try files?.cut(seed: seed)
    }
    try daemon.restart(options)
    try compare(maybeAsBefore: moment)
  }

  /// kill -9 of the server: the writers go on without it for a while, and with it again.
  private func killServer(after microseconds: UInt32) throws {
    guard let redis else { throw Failure("no server") }
    let server = redis.pid
    let outage = UInt32.random(in: 0...200_000, using: &random)
    try work(for: microseconds) { work in
      try check(kill(server, SIGKILL), "kill")
      usleep(outage)
      work.end()
    }
    try redis.restart()
    try daemon.waitForStore()
    try work(for: 20_000) { $0.end() }
    try compare()
  }

  /// What a daemon goes through that may be killed at any call.
  enum Course {
    /// It begins with what the last kill has left.
    case recovery
    /// It begins with a database that is garbage, and sets it aside. All is in the segment.
    case settingAside
    /// It is stopped with SIGTERM when the writers are done.
    case stop
  }

  /// Starts the daemon so that it may be killed while it starts, while it serves the writers, or while it stops; then
  /// starts it once more, and looks at everything.
  ///
  /// - Parameters:
  ///   - wrapper: the command that kills it, somewhere.
  ///   - losingSegment: whether the segment is lost with it.
  /// - Returns: whether it was killed.
  func cutShort(by wrapper: [String], _ course: Course = .recovery, losingSegment: Bool) throws -> Bool {
    var traced = options
    traced.wrapper = wrapper
    if course == .settingAside { try spoilDatabase() }
    try daemon.launchAgain(traced)
    try eventually("it is ready, or killed") { try daemon.hasEnded() || (try? daemon.ask("PING")) != nil }
    let (socket, writers) = (daemon.socketPath, writers)
    try inThreads(writers.count) { try writers[$0].work(socket: socket, batches: 8) }
    if store == .sqliteBehind, try !daemon.hasEnded() {
      // What was written is to be saved under the same eyes.
      try eventually("it is saved, or killed") {
        try daemon.hasEnded() || (try? daemon.storeStatistics().number("unsaved")) == 0
      }
    }
    if course == .stop, try !daemon.hasEnded() { try daemon.signal(SIGTERM) }
    var wasKilled = false
    if course == .stop || (try? daemon.ask("PING")) == nil {
      let status = try daemon.waitForExit()
      wasKilled = status == .killed(signal: SIGKILL)
      guard wasKilled || course == .stop && status == .exited(0) else { throw Failure("it ended: \(status)") }
    }
    if losingSegment { daemon.killWithSegment() }
    try daemon.restart(options)
    try compare()
    return wasKilled
  }

  /// Makes garbage of the database and of its log, while no daemon runs.
  private func spoilDatabase() throws {
    daemon.kill()
    for name in ["sessions.db", "sessions.db-wal"] {
      let path = "\(place)/\(name)"
      guard Files.status(path) != nil else { continue }
      let size = try Files.read(path).count
      try Files.write((0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) }, to: path)
    }
  }

  /// What system calls that failed did to a daemon, as far as it can be seen from outside.
  struct Disturbance {
    /// How many requests were answered `unavailable`.
    let refused: Int
    /// Calls of the store that failed, by STATS.
    let failures: Int
    /// How often the log said that the store is away, and that it is back.
    let wentAway: Int
    let cameBack: Int
  }

  /// Lets the writers work while system calls fail, and when they do so no more; then looks at what the daemon says,
  /// and at what another one finds, with the segment lost if that is allowed.
  ///
  /// - Parameters:
  ///   - wrapper: strace(1), which makes them fail.
  ///   - output: where it writes the calls that it has made fail.
  func disturb(by wrapper: [String], output: String) throws -> Disturbance {
    var traced = options
    traced.wrapper = wrapper
    let before = unavailable
    // Stopped in order, so that opening the database anew takes few calls.
    try daemon.signal(SIGTERM)
    guard try daemon.waitForExit() == .exited(0) else { throw Failure("SIGTERM: \(daemon.standardError)") }
    try daemon.launchAgain(traced)
    try daemon.waitUntilReady()
    // On a busy machine it may still be opened: what fails before that is over is told with it.
    try daemon.waitForStore()
    let socket = daemon.socketPath
    try work(for: 0) { work in
      defer { work.end() }
      try eventually("a call was made to fail, and the daemon has counted that") {
        try Files.text(output).contains("(INJECTED)")
          && RawConnection(path: socket).request("STATS").number("failures") > 0
      }
      pause(milliseconds: 300)
    }
    guard try !daemon.hasEnded() else { throw Failure("it has ended") }
    try daemon.detachTracer()
    try daemon.waitForStore()
    try work(for: 50_000) { $0.end() }
    try compare()
    let disturbance = Disturbance(
      refused: unavailable - before,
      failures: Int(try daemon.storeStatistics().number("failures")),
      wentAway: daemon.storeOutages, cameBack: daemon.storeReturns)
    // What is acknowledged now is saved now.
    try round(.killedWithSegment)
    return disturbance
  }

  /// Whether the writers are to end.
  private final class Work: Sendable {
    private let isOver = Atomic(false)
    var hasEnded: Bool { isOver.load(ordering: .relaxed) }
    func end() { isOver.store(true, ordering: .relaxed) }
  }

  /// Lets the writers work until the daemon is gone or they are told to end.
  ///
  /// - Parameter end: what is to be done after that time.
  private func work(for microseconds: UInt32, _ end: @escaping @Sendable (Work) throws -> Void) throws {
    let (socket, writers, work) = (daemon.socketPath, writers, Work())
    try inThreads(writers.count + 1) { index in
      if index < writers.count {
        try writers[index].work(socket: socket, batches: 100_000) { work.hasEnded }
      } else {
        usleep(microseconds)
        try end(work)
      }
    }
  }

  /// Holds what the daemon has against what was acknowledged.
  ///
  /// - Parameter moment: what was acknowledged since may be undone; nil: nothing may.
  func compare(maybeAsBefore moment: Double? = nil) throws {
    try checkVersions(mayFallBack: moment != nil)
    try daemon.waitForStore()
    let connection = try daemon.connect()
    for writer in writers {
      let findings = try CrashFindings(asking: connection, writer.idsOfLate)
      // A rename may be undone by half.
      if moment == nil { try findings.checkNames() }
      for session in findings.sessions.values { lastVersion = max(lastVersion, session.version) }
      undone += try writer.compare(with: findings, maybeAsBefore: moment)
    }
  }

  /// Each version was given once, and they grow, but not from where nobody remembers the last ones.
  private func checkVersions(mayFallBack: Bool) throws {
    for version in writers.flatMap(\.versions) {
      guard version > lastVersion || hasFallenBack else {
        throw Failure("version \(version) after \(lastVersion)")
      }
      guard versions.insert(version).inserted else { throw Failure("version \(version) was given twice") }
    }
    lastVersion = max(lastVersion, versions.max() ?? 0)
    hasFallenBack = mayFallBack
  }

  /// Ends what may still run.
  func end() {
    daemon.kill()
    redis?.kill()
  }
}
