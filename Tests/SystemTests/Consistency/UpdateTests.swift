import SessionClient
import Testing

@Suite("Updates by several processes")
struct UpdateTests {
  @Test(
    "eight processes that change one number 1,000 times each lose no change",
    arguments: [
      ProbeProcess.ReadWay.socket, .mapped,
    ])
  func nothingIsLost(reads: ProbeProcess.ReadWay) async throws {
    try await withDaemon { daemon in
      let sessions = daemon.client()
      try await sessions.setMany("s1", ["n": 0, "other": "untouched"])
      let updaters = try (0..<8).map { number in
        try ProbeProcess(
          "update", name: "updater\(number)", daemon: daemon, reads: reads, seconds: 0,
          ["session=s1", "rounds=1000"])
      }
      for updater in updaters {
        let attempts = try updater.finish(within: 300)["attempts"] ?? 0
        #expect(attempts >= 1000)
      }
      #expect(try await sessions.get("s1") == ["n": 8000, "other": "untouched"])
    }
  }
}
