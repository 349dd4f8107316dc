import ArgumentParser
import SessionClient
import SessionctlKit

struct Top: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what the daemon does, until q is typed.",
    discussion: """
      Requests, reads, writes, sessions and memory by the second, with what they were before; the commands with their \
      latencies; for the role admin, the sessions that were asked for most within the last ten seconds, by one of 64 \
      requests. Reads out of the mapping count there only as far as clients tell of them, a few times in a session's \
      time to live. Latencies are microseconds from the request read to the reply written, since the daemon's start. A \
      press of the space bar asks the daemon at once.

      For scripts: --once prints what happened within one interval, as text or with --json as an object, and ends.

      Examples:
        sessionctl top
        sessionctl top --interval 5s
        sessionctl top --once --json
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("How often to ask the daemon, 100ms to 1h.", valueName: "time"))
  var interval = DurationWord(seconds: 1)

  @Flag(help: "Print one interval, and end.") var once = false

  func validate() throws {
    guard interval.duration >= .milliseconds(100), interval.duration <= .seconds(3600) else {
      throw ValidationError("--interval takes 100ms to 1h.")
    }
    if common.json, !once { throw ValidationError("--json goes with --once.") }
  }

  func run() async throws {
    let client = common.client()
    if once { return try await printOnce(client) }
    guard Screen.isPossible else {
      throw Failure(
        .usage,
        "top needs a terminal that it can paint, and TERM to name it (not dumb). Without there is: sessionctl top --once"
      )
    }
    try await show(client)
  }

  /// Without a terminal this wide everything still stands on lines that people can read.
  private static let columns = 100

  private func printOnce(_ client: SessionClient) async throws {
    var dashboard = try await begin(client)
    try await Task.sleep(for: interval.duration)
    dashboard.take(try await client.stats(as: DaemonReport.self))
    guard let json = dashboard.json else {
      throw Failure(.refused, "The daemon was started anew meanwhile. Ask again.")
    }
    if common.json {
      try Terminal.print(Terminal.json(json))
    } else {
      try Terminal.show(dashboard.lines(columns: Self.columns, rows: nil))
    }
  }

  /// One that has the first answer.
  private func begin(_ client: SessionClient) async throws -> Dashboard {
    Dashboard(try await client.stats(as: DaemonReport.self), interval: interval.duration / .seconds(1))
  }

  private func show(_ client: SessionClient) async throws {
    // What goes wrong at the first question is told as by every other command.
    var dashboard = try await begin(client)
    var screen = try Screen()
    let note = "every \(Shown.duration(interval.duration / .seconds(1))), q quits"
    var next = ContinuousClock.now + interval.duration
    while true {
      screen.draw { dashboard.lines(columns: $0, rows: $1, note: note) }
      switch screen.wait(until: next) {
      case .quit: return
      case .resized: continue
      case .due: break
      }
      next = ContinuousClock.now + interval.duration
      let question = Question(to: client)
      // A daemon that does not answer may take all of --timeout; keys do not wait for it.
      while !question.isAnswered {
        try await Task.sleep(for: Self.look)
        switch screen.wish() {
        case .quit: return
        case .resized: screen.draw { dashboard.lines(columns: $0, rows: $1, note: note) }
        case .due, nil: break
        }
      }
      do {
        guard let answer = try question.answer else { continue }
        dashboard.take(answer)
      } catch let error as SessionError {
        dashboard.fail(error.description)
      }
    }
  }

  /// How often keys are looked for while a question is under way.
  private static let look = Duration.milliseconds(10)
}
