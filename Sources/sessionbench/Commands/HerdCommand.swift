import ArgumentParser
import SessionWire
import SystemCalls

/// Lets many clients read one session at the same time that the daemon has not in memory.
struct HerdCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "herd",
    abstract: "Read one session by many clients at once.",
    discussion: """
      For each line of input, reads a session over all connections at once, the next one each time, and prints how \
      many loads the daemon made of it, and the milliseconds until the last reply.
      """)

  @Option(help: "The daemon's socket.") var socket: String
  @Option(help: "How many connections.") var connections = 1000
  @Option(help: "The number of the first session.") var first = 0

  func validate() throws {
    try OptionRange.check(
      ("--connections", connections, OptionRange.connections), ("--first", first, OptionRange.numbers))
  }

  func run() async throws {
    let probe = DaemonProbe(socket: socket)
    let clients = try (0..<connections).map { _ in try RawConnection(socket, receiveBytes: 1024) }
    var session = first
    Report.line("ready connections=\(connections)")
    while readLine() != nil {
      let request = try RequestWriter.get(SessionShape.id(session), SessionShape.smallKey)
      session += 1
      let before = try await probe.loads()
      let start = BootClock.system.now()
      for client in clients { try client.send(request) }
      for client in clients { try client.expectLines(1, beginning: Server.sessiond.successBytes) }
      let time = BootClock.system.now() - start
      let loads = try await probe.loads() - before
      Report.line("\(loads) \(Report.tenths(Double(time) / 1_000_000))")
    }
  }
}
