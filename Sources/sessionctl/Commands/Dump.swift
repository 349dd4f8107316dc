import ArgumentParser
import SessionClient

struct Dump: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print every session with all that belongs to it, for load. For the role admin.",
    discussion: """
      A JSON object a line (NDJSON): id, version, times, tags and values, of a session as it was at one moment, in no \
      meaningful order. Slides nothing. Sessions that begin or end meanwhile may be missing; one that is renamed \
      meanwhile may be there under both of its ids, or under none.

      The output holds everything that the sessions hold: keep it from others.

      Examples:
        sessionctl dump > sessions.ndjson
        sessionctl dump | ssh other sessionctl load -
      """)

  @OptionGroup var common: CommonOptions

  func run() async throws {
    var output = ResultStream()
    do {
      try await write(to: &output)
      try output.flush()
    } catch let failed as ResultStream.Failed {
      throw Failure(.refused, failed.description)
    } catch SessionError.denied(let text) where text.hasPrefix(Self.listing) {
      // The daemon names what it was asked for, which is not what was typed.
      throw SessionError.denied("dump \(text.dropFirst(Self.listing.count))")
    }
  }

  /// How the daemon begins to refuse the list of sessions.
  private static let listing = "LIST "

  /// The most that the daemon gives in one reply.
  private static let pageMax = 1000

  private func write(to output: inout ResultStream) async throws {
    let client = common.client()
    var window = RequestWindow<SessionJSON?>()
    defer { window.cancel() }
    var next: String?
    repeat {
      let page = try await client.list(after: next, limit: Self.pageMax)
      for session in page.sessions {
        // One that ended since it was listed is left out.
        if window.isFull, let dump = try await window.next() { try output.line(Terminal.json(dump.text)) }
        window.send { try await client.dump(session, as: SessionJSON.self) }
      }
      next = page.next
    } while next != nil
    while !window.isEmpty {
      if let dump = try await window.next() { try output.line(Terminal.json(dump.text)) }
    }
  }
}
