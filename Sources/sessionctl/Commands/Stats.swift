import ArgumentParser
import SessionClient

struct Stats: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print how the daemon is doing.",
    discussion: "Times are microseconds from the request read to the reply written.")

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let client = common.client()
    if common.json {
      try Terminal.print(Terminal.json(await client.stats(as: SessionJSON.self).text))
    } else {
      try Terminal.show(StatisticsTable.lines(await client.stats()))
    }
  }
}
