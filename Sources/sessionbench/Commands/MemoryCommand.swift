import ArgumentParser

/// Makes sessions, and tells what memory the server takes for them.
struct MemoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "memory",
    abstract: "Measure what memory a session takes.",
    discussion: """
      Makes sessions of four keys in a server that has none, and prints the bytes by which its memory grew for each \
      of them: what is resident of the process, and of sessiond all that was taken for its segment; then the bytes of \
      a session's id, keys and values. Redis keeps a session as a JSON text under its id, with --server redis-hash as \
      a hash; memcached keeps a JSON text.
      """)

  private static let sessionsAllowed = 1000...100_000_000
  private static let payloadMost = 65_536

  @Option(help: "sessiond, redis, redis-hash or memcached.") var server = Server.sessiond
  @Option(help: "The server's socket.") var socket: String
  @Option(help: "The server's process.") var pid: Int
  @Option(help: "How many sessions are made.") var sessions = 200_000
  @Option(help: "The bytes of a session's id, keys and values.") var payload = 950

  private static var payloadLeast: Int { SessionShape.payloadBytes(valueBytes: 1) }

  func validate() throws {
    try OptionRange.check(
      ("--sessions", sessions, Self.sessionsAllowed),
      ("--payload", payload, Self.payloadLeast...Self.payloadMost))
    guard pid > 0 else { throw ValidationError("--pid takes the number of a process, and not \(pid)") }
  }

  func run() async throws {
    let memory = ServerMemory(server: server, process: pid, socket: socket)
    let before = try await memory.settled()
    try fill()
    let grown = try await memory.settled() - before
    Report.line("\(Report.tenths(Double(grown) / Double(sessions))) \(payload)")
  }

  private func fill() throws {
    let valueBytes = payload - Self.payloadLeast + 1
    var stream = try RequestStream(socket, server.wire)
    for number in 0..<sessions {
      try stream.add(server.whole(SessionShape.id(number), valueBytes: valueBytes))
    }
    try stream.finish()
  }
}
