import ArgumentParser
import SessionClient

struct List: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the ids of the sessions, in no meaningful order. For the role admin.",
    discussion: """
      Examples:
        sessionctl list
        sessionctl list --prefix user: --limit 20
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("Only ids that begin so.", valueName: "text"))
  var prefix: String?

  @Option(help: ArgumentHelp("At most so many ids.", valueName: "count"))
  var limit: Int?

  /// The most that the daemon gives in one reply.
  private static let pageMax = 1000

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit takes 1 or more.") }
  }

  func run() async throws {
    let client = common.client()
    var left = limit ?? .max
    var next: String?
    var output = NameOutput(asJSON: common.json)
    repeat {
      let page = try await client.list(prefix: prefix, after: next, limit: min(left, Self.pageMax))
      for session in page.sessions.prefix(left) { output.add(session) }
      left -= min(left, page.sessions.count)
      next = page.next
    } while next != nil && left > 0
    output.end()
    if next != nil { Terminal.complain("There are more; the limit was \(limit ?? 0).") }
  }
}
