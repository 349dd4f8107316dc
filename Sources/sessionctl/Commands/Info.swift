import ArgumentParser
import SessionClient
import SessionctlKit

struct Info: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Print what the daemon knows about a session besides its values. Does not slide its time to live.")

  @OptionGroup var common: CommonOptions
  @Argument(help: "The session's id.") var session: String

  func run() async throws {
    let client = common.client()
    if common.json {
      guard let raw = try await client.info(session, as: SessionJSON.self) else {
        throw Failure.noSession(session)
      }
      try Terminal.print(Terminal.json(raw.text))
      return
    }
    guard let info = try await client.info(session) else { throw Failure.noSession(session) }
    let rows = [
      ["version", String(info.version)],
      ["time left", Shown.duration(info.ttl)],
      ["idle time", Shown.duration(info.idle)],
      ["began", "\(Shown.duration(WallClock.secondsSince1970 - info.created)) ago"],
      ["keys", Shown.count(info.keys)],
      ["memory", Shown.bytes(info.bytes)],
      ["tags", info.tags.isEmpty ? "none" : Terminal.plain(info.tags.joined(separator: ", "))],
    ]
    try Terminal.print(lines: Shown.columns(rows))
  }
}
