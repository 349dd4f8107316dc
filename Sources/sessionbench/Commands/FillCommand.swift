import ArgumentParser

/// Makes the sessions that are read.
struct FillCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fill", abstract: "Make the sessions that the other commands use.")

  @Option(help: "The server's socket.") var socket: String
  @Option(help: "sessiond, redis, redis-hash or memcached.") var server = Server.sessiond
  @Option(help: "How many sessions.") var sessions = 10_000
  @Option(help: "The number of the first one.") var first = 0
  @Option(help: "The length of their values, or several with commas between, which they have in turns.")
  var valueBytes = ValueSizes([SessionShape.valueBytes])

  func validate() throws {
    if let problem = valueBytes.problem { throw ValidationError(problem) }
    try OptionRange.check(
      ("--sessions", sessions, 0...OptionRange.sessions.upperBound), ("--first", first, OptionRange.numbers))
  }

  func run() throws {
    var stream = try RequestStream(socket, server.wire)
    for number in 0..<sessions {
      let creation = try server.creation(
        SessionShape.id(first + number), valueBytes: valueBytes.bytes(of: number))
      try stream.add(creation.bytes, requests: creation.requests)
    }
    try stream.finish()
  }
}
