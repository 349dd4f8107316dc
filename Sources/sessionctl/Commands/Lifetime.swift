import ArgumentParser
import SessionClient

struct Exists: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say whether there is a session. Does not slide its time to live.",
    discussion: "Prints true or false; the exit code is 0 or 1.")

  @OptionGroup var common: CommonOptions
  @Argument(help: "The session's id.") var session: String

  func run() async throws {
    try answer(try await common.client().exists(session), about: session)
  }
}

struct TimeToLive: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ttl",
    abstract: "Print how many seconds a session has left. Does not slide them.")

  @OptionGroup var common: CommonOptions
  @Argument(help: "The session's id.") var session: String

  func run() async throws {
    let client = common.client()
    guard let left = try await client.ttl(session) else { throw Failure.noSession(session) }
    let seconds = left / .seconds(1)
    try Terminal.print(SessionValue.double((seconds * 1000).rounded() / 1000) ?? .null)
  }
}

struct Expire: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give a session an idle time of its own, which starts now.",
    discussion: """
      Examples:
        sessionctl expire s1 30m
        sessionctl expire s1 2.5
      """)

  @OptionGroup var common: CommonOptions
  @Argument(help: "The session's id.") var session: String
  @Argument(help: "The idle time: 500ms, 30s, 10m, 2h, 1d, or seconds.") var time: DurationWord

  func run() async throws {
    try answer(try await common.client().expire(session, after: time.duration), about: session)
  }
}

struct Touch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Slide the time to live of sessions, and do nothing else.",
    discussion: "Prints how many of the sessions there are; if any is missing, the exit code is 1.")

  @OptionGroup var common: CommonOptions
  @Argument(help: "The sessions' ids.") var sessions: [String]

  func run() async throws {
    let client = common.client()
    let count = try await client.touch(sessions)
    try Terminal.print(count)
    let missing = sessions.count - count
    if missing > 0 { throw Failure(.missing, "\(missing) of the sessions named do not exist.") }
  }
}

/// Says whether there is such a session, by a word and by the exit code.
private func answer(_ exists: Bool, about session: String) throws {
  try Terminal.print(exists)
  if !exists { throw Failure.noSession(session) }
}
