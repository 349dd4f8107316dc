import Glibc
import SessionClient
import Testing

@Suite("The client's reads out of the segment when the daemon goes and another one comes")
struct ClientSuccessionTests {
  private func isUnavailable(_ error: any Error) -> Bool {
    if case SessionError.unavailable = error { true } else { false }
  }

  @Test("go on while no daemon runs; all else throws at once")
  func alone() async throws {
    try await withDaemon { daemon in
      let sessions = daemon.client(
        SessionClient.Options(requestTimeout: .seconds(60), reconnectPatience: .zero))
      try await sessions.set("s1", "n", 1)
      #expect(try await sessions.get("s1", "n") == 1)
      daemon.kill()
      for _ in 0..<100 { #expect(try await sessions.get("s1", "n") == 1) }
      await #expect(performing: { try await sessions.set("s1", "n", 2) }, throws: isUnavailable)
      await #expect(
        performing: { try await sessions.get("nobody", "n", as: Int.self) }, throws: isUnavailable)
      #expect(try sessions.blocking.get("s1", "n") == 1)
      try daemon.restart()
      // It is connected by itself, and what was read meanwhile is told.
      try eventually("the hits are told") { try daemon.ask("STATS").number("mapped\":{\"hits") >= 101 }
      try await sessions.set("s1", "n", 3)
      #expect(try await sessions.get("s1", "n") == 3)
    }
  }

  @Test("throw like everything else once they were alone for as long as the program allows")
  func tooLong() throws {
    try withDaemon { daemon in
      let sessions = daemon.client(
        SessionClient.Options(
          requestTimeout: .seconds(60), reconnectPatience: .zero, mappedReadsAlone: .milliseconds(300)))
      _ = try daemon.ask("SET s1 n 1").version
      _ = try sessions.blocking.exists("nobody")
      #expect(try sessions.blocking.get("s1", "n") == 1)
      daemon.kill()
      try eventually("it throws") {
        do {
          return try sessions.blocking.get("s1", "n") != 1
        } catch {
          return isUnavailable(error)
        }
      }
      try daemon.restart()
      #expect(try sessions.blocking.get("s1", "n") == 1)
    }
  }

  @Test("go on over a restart as if there had been none, and read what the new daemon writes")
  func restart() async throws {
    try await withDaemon { daemon in
      let sessions = daemon.client()
      for round in 0..<5 {
        try await sessions.set("s1", "n", round)
        #expect(try await sessions.get("s1", "n") == round)
        if round % 2 == 0 { daemon.kill() }
        try daemon.restart()
        #expect(try await sessions.get("s1", "n") == round)
      }
      _ = try await sessions.stats()
      let statistics = try await sessions.stats()
      #expect(statistics.mapped.maps == 1)
      #expect(statistics.commands["GET"] == nil)
    }
  }

  @Test("move to the segment of another size that took the old one's place")
  func otherSize() throws {
    try TemporaryDirectory.with { directory in
      let first = try DaemonProcess.start(in: directory, DaemonOptions(arguments: ["--max-memory", "8M"]))
      defer { first.kill() }
      let sessions = first.client()
      _ = try first.ask("SET s1 n 1").version
      _ = try sessions.blocking.exists("nobody")
      #expect(try sessions.blocking.get("s1", "n") == 1)
      try first.signal(SIGTERM)
      _ = try first.waitForExit()
      let second = try DaemonProcess.start(in: directory, DaemonOptions(arguments: ["--max-memory", "16M"]))
      defer { second.kill() }
      _ = try second.ask("SET s1 n 2").version
      // Of the superseded segment nothing is read any more.
      #expect(try sessions.blocking.get("s1", "n") == 2)
      try eventually("it is mapped") { try second.ask("STATS").number("maps") == 1 }
      _ = try sessions.blocking.exists("nobody")
      #expect(try sessions.blocking.get("s1", "n") == 2)
    }
  }

  @Test("work in forked children, whose connections are their own, and leave the parent undisturbed")
  func fork() throws {
    try withDaemon { daemon in
      _ = try daemon.ask("SET forked n 1").version
      let probe = try run(
        Programs.sessionprobe, ["fork", "socket=\(daemon.socketPath)", "forks=50"], within: 120)
      #expect(probe.status == .exited(0), "\(probe.standardError)")
      #expect(probe.standardOutput.contains("processes=60"), "\(probe.standardOutput)")
      let hits = probe.standardOutput.dropFirst(5).prefix { $0.isNumber }
      try eventually("all reads are counted, and none twice") {
        try daemon.ask("STATS").contains("\"mapped\":{\"hits\":\(hits),\"maps\":61}")
      }
    }
  }
}
