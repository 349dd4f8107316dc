import Glibc
import SegmentAudit
import TestSupport

/// A daemon that is killed again and again, its writers, and what must be so after each new start.
final class CrashRig {
  /// How a round ends.
  enum Ending: CaseIterable {
    /// kill -9 amid writes.
    case killed
    /// The same, and the daemons that take the segment over are killed while they do, a few times.
    case killedAtAdoption
    /// kill -9 amid a FLUSH.
    case killedAtFlush
    /// SIGTERM amid writes.
    case stopped
  }

  let daemon: DaemonProcess
  private let writers: [CrashWriter]
  private var random: SplitMix64
  private var lastVersion: UInt64 = 0
  /// The audit of the last round.
  private var last: AuditReport
  private(set) var slowestStart = 0.0
  /// What came to be in all rounds: so that a test can say that it saw what it is meant to see.
  private(set) var sights = Sights()

  struct Sights {
    var splits = 0
    var joins = 0
    var runsGivenBack = 0
    var refusals = 0
    var marksMost = 0
    var aliasesMost = 0
    var taggedPairsMost = 0
    var sessionsMost = 0
    var usedBytesMost = 0
  }

  init(in directory: TemporaryDirectory, options: DaemonOptions, seed: UInt64) throws {
    random = SplitMix64(seed: seed)
    writers = (0..<8).map { CrashWriter(number: $0, sessions: 200, seed: seed) }
    daemon = try DaemonProcess.start(in: directory, options)
    last = try daemon.audit()
  }

  /// Lets the writers work, ends the daemon in some way, starts it again, and looks at everything.
  func round(_ ending: Ending) throws {
    let socket = daemon.socketPath
    switch ending {
    case .killed: try work(until: SIGKILL)
    case .stopped:
      try work(until: SIGTERM)
      guard try daemon.waitForExit() == .exited(0) else { throw Failure("SIGTERM: \(daemon.standardError)") }
    case .killedAtAdoption:
      try work(until: SIGKILL)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        try daemon.launchAgain()
        usleep(UInt32.random(in: 0...60_000, using: &random))
        daemon.kill()
      }
    case .killedAtFlush:
      let writers = writers
      try inThreads(writers.count) { try writers[$0].work(socket: socket, batches: 20) }
      for writer in writers { writer.mayBeFlushed() }
      try daemon.connect().send("FLUSH\n")
      // Amid it, or amid what the reclaimer does afterwards.
      usleep(UInt32.random(in: 0...(Bool.random(using: &random) ? 2000 : 100_000), using: &random))
    }
    daemon.kill()
    try startAndCompare()
  }

  private func work(until signal: Int32) throws {
    let (socket, pid, writers) = (daemon.socketPath, daemon.pid, writers)
    // Short times are as likely as long ones.
    let microseconds = UInt32.random(
      in: 0...(1 << UInt32.random(in: 10...18, using: &random)), using: &random)
    try inThreads(writers.count + 1) { index in
      if index < writers.count {
        try writers[index].work(socket: socket, batches: 100_000)
      } else {
        usleep(microseconds)
        try check(kill(pid, signal), "kill")
      }
    }
  }

  /// The versions of a round are all new, and each was given once.
  private func checkVersions() throws {
    var seen: Set<UInt64> = []
    for version in writers.flatMap(\.versions) {
      guard version > lastVersion else { throw Failure("version \(version) after \(lastVersion)") }
      guard seen.insert(version).inserted else { throw Failure("version \(version) was given twice") }
    }
    lastVersion = max(lastVersion, seen.max() ?? 0)
  }

  /// Starts the daemon so that it may be killed while it starts or while it serves the writers; then starts it
  /// once more, and looks at everything.
  ///
  /// - Parameters:
  ///   - wrapper: the command that kills it, somewhere.
  ///   - options: how it is started both times.
  /// - Returns: whether it was killed.
  func cutShort(by wrapper: [String], _ options: DaemonOptions) throws -> Bool {
    let isSameSegment = options.arguments == daemon.options.arguments
    daemon.kill()
    var traced = options
    traced.wrapper = wrapper
    try daemon.launchAgain(traced)
    try eventually("it is ready, or killed") { try daemon.hasEnded() || (try? daemon.ask("PING")) != nil }
    let (socket, writers) = (daemon.socketPath, writers)
    try inThreads(writers.count) { try writers[$0].work(socket: socket, batches: 8) }
    let wasKilled = try daemon.hasEnded()
    daemon.kill()
    try startAndCompare(options, isSameSegment: isSameSegment)
    return wasKilled
  }

  private func startAndCompare(_ options: DaemonOptions? = nil, isSameSegment: Bool = true) throws {
    try checkVersions()
    let begin = secondsSinceBoot()
    try daemon.restart(options)
    slowestStart = max(slowestStart, secondsSinceBoot() - begin)
    let report = try daemon.audit()
    guard report.id == last.id || !isSameSegment else {
      throw Failure("it is another segment: \(daemon.standardError)")
    }
    guard report.lastVersion >= lastVersion else {
      throw Failure("the last version is \(report.lastVersion), and \(lastVersion) was given already")
    }
    lastVersion = report.lastVersion
    let findings = CrashFindings(report)
    try findings.checkNames()
    let connection = try daemon.connect()
    for writer in writers { try writer.compare(over: connection, findings) }
    note(report)
  }

  /// Ends all sessions, waits until the index is as small as at first, and kills and starts once more.
  func end() throws {
    for writer in writers { writer.mayBeFlushed() }
    _ = try daemon.ask("FLUSH").okNumber
    try eventually("the pages of the index are joined") { try daemon.audit().bucketPages == last.shards }
    daemon.kill()
    try startAndCompare()
  }

  /// What came to be since the last round, as far as it shows.
  private func note(_ report: AuditReport) {
    if report.bucketPages > last.bucketPages { sights.splits += 1 }
    if report.bucketPages < last.bucketPages { sights.joins += 1 }
    if report.runs < last.runs { sights.runsGivenBack += 1 }
    sights.refusals = writers.reduce(0) { $0 + $1.refusals }
    sights.marksMost = max(sights.marksMost, report.marks.count)
    sights.aliasesMost = max(sights.aliasesMost, report.marks.count { $0.newID != nil })
    sights.taggedPairsMost = max(sights.taggedPairsMost, report.taggedPairs)
    sights.sessionsMost = max(sights.sessionsMost, report.sessions.count)
    sights.usedBytesMost = max(sights.usedBytesMost, report.usedBytes)
    last = report
  }
}
