import ArgumentParser
import SessionClient
import SystemCalls

extension ManagerCommand {
  /// The original's test of memory.
  struct Memory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "memory",
      abstract: "Show what sessions take of memory, and that it is given back.",
      discussion: """
        Makes sessions in a daemon that has none, and waits until they have expired. The size of a session is that of \
        its id, its keys and the JSON text of its values; 1 MB is 1,000,000 bytes.
        """)

    /// How long memory may take to be given back.
    private static let patience: Int64 = 10_000_000_000
    private static let pause = Duration.milliseconds(50)

    @Option(help: "A daemon without sessions, of this machine.") var socket: String
    @Option(help: "How many sessions.") var sessions = 10_000
    @Option(help: "How many bytes each of them has.") var bytes = 1000
    @Option(help: "After how many seconds without use they expire.") var ttl = 5
    @Option(help: "How many bytes memory may grow by.") var growthMost = 12_000_000

    func validate() throws {
      try OptionRange.check(
        ("--sessions", sessions, 1...10_000_000), ("--bytes", bytes, SizedSession.bytesLeast...1_000_000),
        ("--ttl", ttl, 1...600), ("--growth-most", growthMost, 1...1_000_000_000_000))
    }

    func run() async throws {
      let daemon = DaemonProbe(socket: socket)
      let before = try await MemorySample.take(daemon)
      guard before.sessions == 0 else {
        throw BenchmarkFailure("the daemon has \(before.sessions) sessions, and should have none")
      }
      try fill()
      let with = try await MemorySample.take(daemon)
      guard with.sessions == sessions else {
        throw BenchmarkFailure(
          "the daemon has \(with.sessions) of \(sessions) sessions; if they expired, set --ttl to more seconds"
        )
      }
      // By itself, since it may be longer than the patience of a wait.
      try await Task.sleep(for: .seconds(ttl))
      try await daemon.wait("end the sessions") { $0.sessions == 0 }
      var after = try await MemorySample.take(daemon)
      let end = BootClock.system.now() + Self.patience
      while !MemoryTable.isGivenBack(before, with, after), BootClock.system.now() < end {
        try await Task.sleep(for: Self.pause)
        after = try await MemorySample.take(daemon)
      }
      Report.line("sessions=\(sessions) bytes=\(bytes) ttl=\(ttl)s")
      let table = MemoryTable(before: before, with: with, after: after, growthMost: growthMost)
      for line in table.lines { Report.line(line) }
    }

    private func fill() throws {
      var stream = try RequestStream(socket)
      for number in 0..<sessions {
        try stream.add(SizedSession(number, bytes: bytes).creation(idle: .seconds(ttl)))
      }
      try stream.finish()
    }
  }
}
