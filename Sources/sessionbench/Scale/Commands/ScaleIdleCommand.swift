import ArgumentParser
import Glibc
import SessionClient

/// Opens many connections that do nothing, and looks how much memory of its own the daemon takes for them.
struct ScaleIdleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "idle",
    abstract: "Measure the daemon's memory for connections that do nothing.",
    discussion: """
      Prints bytes for each connection: when they are open, and when each has read a value and waits again. The \
      kernel's own memory for sockets is not the daemon's, and not counted.
      """)

  private static let settleMicroseconds: UInt32 = 500_000

  @Option(help: "The daemon's socket, without other connections than this program's.") var socket: String
  @Option(help: "The daemon's process.") var daemon: Int
  @Option(help: "How many connections.") var connections: Int

  func validate() throws {
    try OptionRange.check(("--connections", connections, OptionRange.connections))
  }

  func run() async throws {
    var stream = try RequestStream(socket)
    try ScaleSession.fill(0..<1, &stream)
    let probe = DaemonProbe(socket: socket)
    let others = try await probe.statistics().connections.current
    usleep(Self.settleMicroseconds)
    let before = try ProcessMemory.anonymous(of: daemon)
    let clients = try (0..<connections).map { _ in try RawConnection(socket, receiveBytes: 1024) }
    try await probe.wait("accept all connections") {
      $0.connections.current >= others + connections
    }
    usleep(Self.settleMicroseconds)
    let open = try ProcessMemory.anonymous(of: daemon)
    let request = try ScaleSession.read().bytes
    for client in clients {
      try client.send(request)
      try client.expectLines(1, beginning: Server.sessiond.successBytes)
    }
    usleep(Self.settleMicroseconds)
    let used = try ProcessMemory.anonymous(of: daemon)
    let columns = [open - before, used - before].map {
      ColumnText.decimals(Double($0) / Double(connections), 0)
    }
    Report.line(columns.joined(separator: " "))
  }
}
