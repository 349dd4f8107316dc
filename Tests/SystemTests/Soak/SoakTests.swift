import Testing

@Suite("Many clients for a while")
struct SoakTests {
  /// 3 seconds, or 30 with SESSIOND_LONG_TESTS=1.
  private static let seconds = Programs.runsLongTests ? 30.0 : 3.0

  @Test("1,000 connections, four reads to a write: no error, and memory that stays where it was")
  func soak() throws {
    try DescriptorLimit.raise()
    try withDaemon { daemon in
      let sessions = 10_000
      let connection = try daemon.connect()
      for first in stride(from: 0, to: sessions, by: 1000) {
        let lines = (first..<first + 1000).map { "SET s\($0) a \(SoakClients.value(of: $0))\n" }.joined()
        let replies = try connection.exchange(Array(lines.utf8), replies: 1000)
        #expect(replies.allSatisfy { $0.hasPrefix("OK ") })
      }
      var clients = try SoakClients(connections: 1000, sessions: sessions, socket: daemon.socketPath, seed: 1)
      defer { clients.close() }
      try clients.start()
      try clients.work(milliseconds: Self.seconds * 1000 / 3)
      let warm = clients.replies
      let before = (own: try daemon.facts.anonymousBytes, all: try daemon.facts.residentBytes)
      try clients.work(milliseconds: Self.seconds * 1000)
      #expect(clients.replies > warm)
      #expect(try daemon.facts.anonymousBytes - before.own < 4 << 20)
      #expect(try daemon.facts.residentBytes - before.all < 8 << 20)
      let statistics = try connection.request("STATS")
      #expect(try statistics.number("sessions") == Double(sessions))
      #expect(try statistics.number("current") == 1001)
      #expect(try statistics.number("misses") == 0)
      #expect(try statistics.number("dropped") == 0)
    }
  }
}
