import ArgumentParser
import SessionClient

struct Load: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make sessions of what dump printed. For the role admin.",
    discussion: """
      Takes a JSON object a line (NDJSON) with the members session, version, created, idle, expires, tags and data, of \
      which session alone must be there. Every session is made as it was: under its id and its version, and with the \
      time that it has left. Those whose time is over are counted, and are no errors.

      A line that fails is told with its number, and the next one is taken. With --stop-on-error it is the last one; \
      up to 64 lines behind it may be loaded by then. Lines fail for sessions that exist already, too, unless they \
      are to be skipped. If a line failed, the exit code is 4.

      Examples:
        sessionctl load sessions.ndjson
        sessionctl load sessions.ndjson --skip-existing
        sessionctl dump --socket /run/old.sock | sessionctl load - --stop-on-error
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "Leave sessions that exist as they are, and count them.") var skipExisting = false
  @Flag(help: "Stop at the first line that fails.") var stopOnError = false
  @Argument(help: "The file with the sessions; - reads standard input.") var file: String

  func run() async throws {
    var source = try LineSource(file)
    var loader = Loader(
      skipsExisting: skipExisting, stopsOnError: stopOnError, bytesTotal: source.bytesTotal)
    do {
      try await loader.load(&source, into: common.client())
    } catch {
      // What went wrong first is what is told.
      if loader.tally.lines > 0 { try? show(loader.tally) }
      throw error
    }
    try show(loader.tally)
    let failed = loader.tally.failed
    if failed > 0 {
      throw Failure(
        .refused,
        stopOnError
          ? "A line failed, and nothing was loaded behind the lines that were on their way."
          : "\(LoadTally.count(failed, "line")) failed.")
    }
  }

  private func show(_ tally: LoadTally) throws {
    try Terminal.print(common.json ? tally.json : tally.sentence)
  }
}
