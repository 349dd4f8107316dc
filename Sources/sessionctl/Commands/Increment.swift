import ArgumentParser
import SessionClient

struct Increment: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "incr",
    abstract: "Add to a whole number of a session. Slides its time to live.",
    discussion: """
      The number starts at 0 where there is none. Prints the new number.

      Examples:
        sessionctl incr s1 hits
        sessionctl incr s1 stock 10
        sessionctl incr s1 stock -3
      """)

  @OptionGroup var common: CommonOptions
  @Argument(help: "The session's id.") var session: String
  @Argument(help: "The key.") var key: String
  @Argument(help: "How much to add.") var amount: Int = 1

  func run() async throws {
    let client = common.client()
    try Terminal.print(await client.increment(session, key, by: amount))
  }
}
