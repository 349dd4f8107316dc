import ArgumentParser
import SessionClient

struct Why: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say why a session ended, when, and who ended it.",
    discussion: """
      The daemon remembers the last 10,000 ends of its own time. Where it knows of none, the exit code is 1.

      Examples:
        sessionctl why s1
        sessionctl why s1 --json
      """)

  @OptionGroup var common: CommonOptions
  @Argument(help: "The session's id.") var session: String

  func run() async throws {
    let client = common.client()
    guard let end = try await client.why(session) else {
      throw Failure(
        .missing,
        try await client.exists(session)
          ? "The session \(session) has not ended."
          : "There is no session \(session), and no end of it among the last 10,000 that the daemon saw.")
    }
    print(common.json ? EndSentence.json(end) : EndSentence.text(session, end))
  }
}
