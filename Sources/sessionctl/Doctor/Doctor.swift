import ArgumentParser
import SessionClient
import SessionctlKit

struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look whether something is wrong with the daemon or its unit, and say what to do about it.",
    discussion: """
      It looks at who may connect, at the file system of the segment, at memory, hit ratio, times to live, the reclaimer, \
      the use of the mapping, refused clients, the store, and, where systemd runs the daemon, at the unit. Nothing is \
      changed. What it may not look at it says; as root, or as the daemon's own user, it sees all.

      A trouble does harm now, or will when something else happens. A hint is about what could be better, or is over.

      Exit codes: 0 nothing is wrong, though there may be hints; 1 something is; 3 no daemon could be reached.

      Examples:
        sessionctl doctor
        sessionctl doctor --json
        sessionctl doctor --unit sessiond@shop.service --socket /run/sessiond-shop.sock
      """)

  @OptionGroup var common: CommonOptions

  @Option(name: .customLong("for"), help: ArgumentHelp("How long to look, 0s to 1h.", valueName: "time"))
  var span = DurationWord(seconds: 1)

  @Option(
    help: ArgumentHelp("The daemon's unit. Without it: the one that its process is in.", valueName: "name"))
  var unit: String?

  @Flag(help: "End with 1 for hints, too.") var strict = false

  func validate() throws {
    guard span.duration <= .seconds(3600) else { throw ValidationError("--for takes 0s to 1h.") }
  }

  func run() async throws {
    let diagnosis: Diagnosis
    do {
      diagnosis = Diagnosis(try await facts())
    } catch SessionError.timedOut {
      diagnosis = Diagnosis(silentFor: common.timeout)
    }
    if common.json {
      try Terminal.print(Terminal.json(diagnosis.json))
    } else {
      try Terminal.show(diagnosis.lines)
    }
    let isWrong = strict ? !diagnosis.findings.isEmpty : diagnosis.hasTrouble
    if isWrong { throw ExitCode(Outcome.missing.rawValue) }
  }

  private func facts() async throws -> DoctorFacts {
    let client = common.client()
    let began = ContinuousClock.now
    let first = try await client.stats(as: DaemonReport.self)
    let path = try SocketLocator(named: common.socket).path()
    let socket = SocketExamination.facts(path)
    let segment = SegmentExamination.facts(path, timeout: .seconds(common.timeout))
    let unit = UnitExamination.facts(named: unit, process: first.statistics.pid)
    try await Task.sleep(until: began + span.duration, clock: .continuous)
    let unlisted = try await client.stats(as: DaemonReport.self)
    let sessions = try await SessionExamination.facts(client)
    let last = try await client.stats(as: DaemonReport.self)
    return DoctorFacts(
      first: first, last: last, store: unlisted.statistics.store, socket: socket, segment: segment,
      sessions: sessions, unit: unit)
  }
}
