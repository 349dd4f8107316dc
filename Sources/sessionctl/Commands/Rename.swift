import ArgumentParser
import SessionClient

struct Rename: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Move a session to a new id, and print that. Slides its time to live.",
    discussion: """
      Without a new id, a random one is made. The old id is closed: writes to it are refused for as long as the \
      session could have lived, so that a slow request can't begin it anew. With --grace it can still be read for \
      that long, so that requests under way are not logged out.

      Examples:
        sessionctl rename s1
        sessionctl rename s1 --grace 10s
        sessionctl rename s1 s2
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("How long the old id can still be read: 500ms, 30s, 10m.", valueName: "time"))
  var grace: DurationWord?

  @Argument(help: "The session's id.") var session: String
  @Argument(help: "Its new id; without it, a random one.") var new: String?

  func run() async throws {
    let client = common.client()
    let id: String?
    do {
      id = try await client.rename(session, to: new, grace: grace?.duration)
    } catch SessionError.conflict(let version) {
      throw Failure(
        .refused,
        "There is a session \(new ?? "of that id") already, at version \(version). Nothing was done.")
    }
    guard let id else { throw Failure.noSession(session) }
    try Terminal.print(common.json ? Terminal.json(SessionJSON(string: id).text) : Terminal.plain(id))
  }
}
