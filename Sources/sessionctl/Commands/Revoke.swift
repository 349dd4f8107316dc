import ArgumentParser
import SessionClient

struct Revoke: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "End sessions for good: late writes to them are refused.",
    discussion: """
      The ids stay closed for as long as the sessions could have lived, also those that have no session, so that a \
      slow request can't undo a log-out. Prints how many sessions there were.

      Examples:
        sessionctl revoke s1
        sessionctl revoke s1 s2 s3
      """)

  @OptionGroup var common: CommonOptions
  @Argument(help: "The sessions' ids.") var sessions: [String]

  func run() async throws {
    let client = common.client()
    try Terminal.print(await client.revoke(sessions))
  }
}

struct RevokeAll: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke-all",
    abstract: "Revoke every session that bears a tag: log a user out everywhere.",
    discussion: """
      Prints how many sessions there were.

      Example:
        sessionctl revoke-all user:42
      """)

  @OptionGroup var common: CommonOptions
  @Argument(help: "The tag.") var tag: String

  func run() async throws {
    let client = common.client()
    try Terminal.print(await client.revokeAll(tagged: tag))
  }
}
