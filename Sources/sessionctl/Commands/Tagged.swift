import ArgumentParser
import SessionClient

struct Tagged: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the ids of the sessions that bear a tag, in no meaningful order. Slides nothing.",
    discussion: """
      Examples:
        sessionctl tagged user:42
        sessionctl tagged beta --limit 20
        sessionctl tagged beta --limit 20 --after s1
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("At most so many ids.", valueName: "count"))
  var limit: Int?

  @Option(help: ArgumentHelp("Go on behind this id, the last one of an earlier list.", valueName: "id"))
  var after: String?

  @Argument(help: "The tag.") var tag: String

  /// The most that the daemon gives in one reply.
  private static let pageMax = 1000

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit takes 1 or more.") }
  }

  func run() async throws {
    let client = common.client()
    var left = limit ?? .max
    var last = after
    var isEnd = false
    var output = NameOutput(asJSON: common.json)
    while left > 0, !isEnd {
      let size = min(left, Self.pageMax)
      let page = try await client.tagged(tag, after: last, limit: size)
      try output.add(page)
      left -= min(left, page.count)
      last = page.last ?? last
      isEnd = page.count < size
    }
    try output.end()
    if !isEnd, let last, try await !client.tagged(tag, after: last, limit: 1).isEmpty {
      Terminal.complain("There are more; they follow with --after \(last)")
    }
  }
}
