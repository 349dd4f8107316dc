import ArgumentParser
import SessionClient

struct Ping: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Ask the daemon for a sign of life.")

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let client = common.client()
    try await client.ping()
    try Terminal.print(common.json ? "\"pong\"" : "pong")
  }
}
