import ArgumentParser
import SessionClient

struct Delete: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "del",
    abstract: "End a session, or remove keys from it.",
    discussion: """
      Prints how many sessions or keys there were; if none, the exit code is 1.

      Examples:
        sessionctl del s1
        sessionctl del s1 theme cart
      """)

  @OptionGroup var common: CommonOptions
  @Argument(help: "The session's id.") var session: String
  @Argument(help: "The keys to remove; without any, the session ends.") var keys: [String] = []

  func run() async throws {
    let client = common.client()
    let count: Int
    if keys.isEmpty {
      count = try await client.delete(session) ? 1 : 0
    } else {
      count = try await client.delete(session, keys: keys)
    }
    try Terminal.print(count)
    guard count > 0 else {
      throw keys.isEmpty
        ? Failure.noSession(session)
        : Failure(.missing, "There is no session \(session), or it has none of these keys.")
    }
  }
}
