import ArgumentParser
import SessionClient
import SessionctlKit

struct Flush: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "End all sessions. For the role admin.",
    discussion: """
      On a terminal it asks first. A script has to say --yes.

      Example:
        sessionctl flush --yes
      """)

  @OptionGroup var common: CommonOptions
  @Flag(name: .shortAndLong, help: "Do it without asking.") var yes = false

  func run() async throws {
    let client = common.client()
    if !yes { try await confirm(client) }
    let count = try await client.flush()
    try Terminal.print(
      common.json ? String(count) : count == 1 ? "1 session ended" : "\(Shown.count(count)) sessions ended")
  }

  private func confirm(_ client: SessionClient) async throws {
    guard Terminal.canAsk else {
      throw Failure(.usage, "flush ends all sessions, and nobody is there to be asked: add --yes to confirm.")
    }
    let count = try await client.stats().sessions
    let answer = Terminal.ask(
      "This ends every session, for good; there are \(Shown.count(count)). Type yes to go on:")
    guard answer == "yes" else { throw Failure(.usage, "Nothing was done.") }
  }
}
