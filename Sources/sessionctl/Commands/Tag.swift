import ArgumentParser
import SessionClient

struct Tag: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give a session tags, 64 at most. Slides its time to live.",
    discussion: """
      Prints how many of them are new to it.

      Example:
        sessionctl tag s1 user:42 beta
      """)

  @OptionGroup var tagging: TaggingOptions

  func run() async throws {
    try await tagging.apply { try await $0.tag($1, $2) }
  }
}

struct Untag: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take tags from a session. Slides its time to live.",
    discussion: """
      Prints how many of them it bore.

      Example:
        sessionctl untag s1 beta
      """)

  @OptionGroup var tagging: TaggingOptions

  func run() async throws {
    try await tagging.apply { try await $0.untag($1, $2) }
  }
}

/// What tag and untag have in common.
struct TaggingOptions: ParsableArguments {
  @OptionGroup var common: CommonOptions
  @Argument(help: "The session's id.") var session: String
  @Argument(help: "The tags.") var tags: [String]

  func apply(_ change: (SessionClient, String, [String]) async throws -> Int?) async throws {
    guard let count = try await change(common.client(), session, tags) else {
      throw Failure.noSession(session)
    }
    try Terminal.print(count)
  }
}
