import ArgumentParser

/// Makes the sessions that are read.
struct FillCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fill", abstract: "Make the sessions that the other commands use.")

  /// Few enough that all replies fit the socket's buffer.
  private static let requestsInFlight = 256

  @Option(help: "The server's socket.") var socket: String
  @Option(help: "sessiond or redis.") var server = Server.sessiond
  @Option(help: "How many sessions.") var sessions = 10_000

  func run() throws {
    var connection = try RawConnection(socket)
    var bytes: [UInt8] = []
    var requests = 0
    for number in 0..<sessions {
      let creation = try server.creation(SessionShape.id(number))
      bytes += creation.bytes
      requests += creation.requests
      guard requests >= Self.requestsInFlight || number == sessions - 1 else { continue }
      try connection.send(bytes)
      try connection.expectLines(requests, beginning: server.successBytes)
      bytes.removeAll(keepingCapacity: true)
      requests = 0
    }
  }
}
