import ArgumentParser
import SessionClient
import SessionctlKit

struct Why: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say why sessions ended, when, and who ended them.",
    discussion: """
      The daemon remembers the last 10,000 ends of its own time. Where it knows none of a session, the exit code is 1. \
      On a terminal, and with --table, it prints a table, else a sentence for each session; with --json an object a line.

      Examples:
        sessionctl why s1
        sessionctl why s1 s2 --table
        sessionctl why s1 --json
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var tables: TableOptions
  @Argument(help: "The sessions' ids.") var sessions: [String]

  func run() async throws {
    let client = common.client()
    let wantsTable = tables.wantsTable(json: common.json)
    var table = EndTable()
    var missing: [String] = []
    for session in sessions {
      guard let end = try await client.why(session) else {
        missing.append(try await nothing(session, client))
        continue
      }
      if wantsTable {
        table.add(session, end)
      } else if common.json {
        try Terminal.print(Terminal.json(EndSentence.json(end, of: sessions.count > 1 ? session : nil)))
      } else {
        try Terminal.print(EndSentence.text(session, end))
      }
    }
    try Terminal.show(table.lines())
    if !missing.isEmpty { throw Failure(.missing, missing.joined(separator: "\n")) }
  }

  private func nothing(_ session: String, _ client: SessionClient) async throws -> String {
    try await client.exists(session)
      ? "The session \(session) has not ended."
      : "There is no session \(session), and no end of it among the last 10,000 that the daemon saw."
  }
}
