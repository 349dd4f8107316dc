import ArgumentParser
import SessionClient
import SessionctlKit

struct List: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the sessions, in no meaningful order. For the role admin.",
    discussion: """
      On a terminal, and with --table, it prints a table of what is known of each session besides its values; else, and \
      with --plain, an id a line. Slides nothing.

      Examples:
        sessionctl list
        sessionctl list --prefix user: --limit 20 --table
        sessionctl list --plain | wc -l
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var tables: TableOptions
  @Flag(help: "Print ids alone, also on a terminal.") var plain = false

  @Option(help: ArgumentHelp("Only ids that begin so.", valueName: "text"))
  var prefix: String?

  @Option(help: ArgumentHelp("At most so many ids.", valueName: "count"))
  var limit: Int?

  /// The most that the daemon gives in one reply.
  private static let pageMax = 1000

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit takes 1 or more.") }
    if plain, tables.table { throw ValidationError("Either --plain or --table.") }
  }

  func run() async throws {
    let client = common.client()
    var more = false
    if !plain, tables.wantsTable(json: common.json) {
      var table = SessionTable()
      more = try await eachPage(client) { try await Self.show($0, in: &table, client) }
    } else {
      var output = NameOutput(asJSON: common.json)
      more = try await eachPage(client) { page in
        try output.add(page)
      }
      try output.end()
    }
    if more { Terminal.complain("There are more; the limit was \(limit ?? 0).") }
  }

  /// - Returns: whether there are more than the limit allowed.
  private func eachPage(
    _ client: SessionClient, _ use: ([String]) async throws -> Void
  ) async throws -> Bool {
    var left = limit ?? .max
    var next: String?
    repeat {
      let page = try await client.list(prefix: prefix, after: next, limit: min(left, Self.pageMax))
      try await use(Array(page.sessions.prefix(left)))
      left -= min(left, page.sessions.count)
      next = page.next
    } while next != nil && left > 0
    return next != nil
  }

  private static func show(
    _ sessions: [String], in table: inout SessionTable, _ client: SessionClient
  ) async throws {
    var window = RequestWindow<(String, SessionInfo?)>()
    defer { window.cancel() }
    func take() async throws {
      // One that ended since it was listed is left out.
      let (session, info) = try await window.next()
      if let info { table.add(session, info) }
    }
    for session in sessions {
      if window.isFull { try await take() }
      window.send { (session, try await client.info(session)) }
    }
    while !window.isEmpty { try await take() }
    try Terminal.show(table.lines())
  }
}
