import ArgumentParser
import SessionClient
import SessionctlKit

struct Get: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print one value, or the whole session. Slides its time to live.",
    discussion: """
      A string is printed without quotes unless --json is given.

      Examples:
        sessionctl get s1 theme
        sessionctl get s1
        sessionctl get s1 cart --json
      """)

  @OptionGroup var reading: ReadingOptions

  func run() async throws {
    try await reading.show(sliding: true)
  }
}

struct Peek: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print one value, or the whole session, without sliding its time to live.",
    discussion: """
      Examples:
        sessionctl peek s1
        sessionctl peek s1 theme
      """)

  @OptionGroup var reading: ReadingOptions

  func run() async throws {
    try await reading.show(sliding: false)
  }
}

/// What get and peek have in common.
struct ReadingOptions: ParsableArguments {
  @OptionGroup var common: CommonOptions
  @Argument(help: "The session's id.") var session: String
  @Argument(help: "The key; without it, the whole session.") var key: String?

  func show(sliding: Bool) async throws {
    let client = common.client()
    if let key {
      let value: SessionJSON? =
        sliding ? try await client.get(session, key) : try await client.peek(session, key)
      try Reading.show(value, of: session, key: key, asJSON: common.json)
    } else {
      let all =
        sliding
        ? try await client.get(session, as: SessionJSON.self)
        : try await client.peek(session, as: SessionJSON.self)
      try Reading.show(all, of: session, asJSON: common.json)
    }
  }
}

struct GetMany: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mget",
    abstract: "Print several values of a session at one moment. Slides its time to live.",
    discussion: """
      Keys that the session does not have are left out.

      Example:
        sessionctl mget s1 theme cart
      """)

  @OptionGroup var common: CommonOptions
  @Argument(help: "The session's id.") var session: String
  @Argument(help: "The keys.") var keys: [String]

  func run() async throws {
    let client = common.client()
    try Reading.show(
      try await client.getMany(session, keys, as: SessionJSON.self), of: session, asJSON: common.json)
  }
}

/// What get, peek and mget print.
enum Reading {
  static func show(_ raw: SessionJSON?, of session: String, key: String, asJSON: Bool) throws {
    guard let raw else {
      throw Failure(.missing, "There is no session \(session), or it has no key \(key).")
    }
    try Terminal.print(asJSON ? Terminal.json(raw.text) : Shown.value(raw, onTerminal: Terminal.isWatched))
  }

  static func show(_ raw: SessionJSON?, of session: String, asJSON: Bool) throws {
    guard let raw else { throw Failure.noSession(session) }
    if asJSON {
      try Terminal.print(Terminal.json(raw.text))
    } else if let object = try SessionValue(json: raw.text).objectValue {
      try Terminal.print(lines: Shown.lines(object, onTerminal: Terminal.isWatched))
    }
  }
}
