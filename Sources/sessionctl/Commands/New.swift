import ArgumentParser
import SessionClient

struct New: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Begin a session under a new random id, and print the id.",
    discussion: """
      The id has 22 characters that are safe in a URL, made of 128 bits of the kernel's random source. Takes one JSON \
      object, or words of the form key=value, whose values are JSON or plain strings; without any, the session \
      begins with no keys.

      Examples:
        sessionctl new
        sessionctl new user=u42 cart='[]' --ttl 30m
        sessionctl new '{"user": "u42", "cart": []}'
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("The session's own idle time: 500ms, 30s, 10m, 2h, 1d.", valueName: "time"))
  var ttl: DurationWord?

  @Argument(help: "One JSON object, or key=value for each key.") var values: [String] = []

  func validate() throws {
    _ = try ObjectWords(values)
  }

  func run() async throws {
    let words = try ObjectWords(values)
    let client = common.client()
    let id = try await client.create(fieldsOf: words.object, ttl: ttl?.duration)
    words.sayWhatTheyAre()
    try Terminal.print(common.json ? Terminal.json(SessionJSON(string: id).text) : Terminal.plain(id))
  }
}
