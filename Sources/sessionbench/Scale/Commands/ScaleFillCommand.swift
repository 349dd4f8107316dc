import ArgumentParser

/// Makes the small sessions of the scale.
struct ScaleFillCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fill", abstract: "Make small sessions, 128 bytes of id, key and value each.")

  @Option(help: "The daemon's socket.") var socket: String
  @Option(help: "How many sessions.") var sessions: Int

  func validate() throws { try OptionRange.check(("--sessions", sessions, OptionRange.sessions)) }

  func run() throws {
    var stream = try RequestStream(socket)
    try ScaleSession.fill(0..<sessions, &stream)
  }
}
