import ArgumentParser
import SessionClient

/// The options of commands that write values.
struct WriteOptions: ParsableArguments {
  @Option(
    name: .customLong("if"),
    help: ArgumentHelp(
      "Only if the session has this version; 0: only if there is no such session.", valueName: "version"))
  var version: Int?

  @Option(
    help: ArgumentHelp("The session's own idle time from now on: 500ms, 30s, 10m, 2h, 1d.", valueName: "time")
  )
  var ttl: DurationWord?

  func show(_ version: Int, asJSON: Bool) throws {
    try Terminal.print(asJSON ? "{\"version\":\(version)}" : "version \(version)")
  }
}

struct SetKey: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Set one key of a session. Slides its time to live.",
    discussion: """
      The session begins with its first key. The value is JSON; one that is no JSON is stored as a string, which \
      is said on standard error. Prints the session's new version.

      Examples:
        sessionctl set s1 theme dark
        sessionctl set s1 theme '"dark"'
        sessionctl set s1 limits '{"items": 10}' --ttl 30m
        sessionctl set s1 step 2 --if 7
        sessionctl set s1 balance -5
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: WriteOptions
  @Argument(help: "The session's id.") var session: String
  @Argument(help: "The key.") var key: String
  @Argument(help: "The value, in JSON or as a plain string.") var value: String

  func run() async throws {
    let word = ValueWord(value)
    let client = common.client()
    let version = try await client.set(
      session, key, word.json, ifVersion: options.version, ttl: options.ttl?.duration)
    word.sayWhatItIs()
    try options.show(version, asJSON: common.json)
  }
}

struct SetMany: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mset",
    abstract: "Set several keys of a session in one step. Slides its time to live.",
    discussion: """
      Takes one JSON object, or words of the form key=value, whose values are JSON or plain strings. Keys that \
      are not named stay as they are. Prints the session's new version.

      Examples:
        sessionctl mset s1 '{"theme": "dark", "step": 2}'
        sessionctl mset s1 theme=dark step=2 --ttl 30m
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: WriteOptions
  @Argument(help: "The session's id.") var session: String
  @Argument(help: "One JSON object, or key=value for each key.") var values: [String]

  func validate() throws {
    _ = try ObjectWords(values)
  }

  func run() async throws {
    let words = try ObjectWords(values)
    let client = common.client()
    let version = try await client.setMany(
      session, fieldsOf: words.object, ifVersion: options.version, ttl: options.ttl?.duration)
    words.sayWhatTheyAre()
    try options.show(version, asJSON: common.json)
  }
}
