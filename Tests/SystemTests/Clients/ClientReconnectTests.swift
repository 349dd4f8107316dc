import Glibc
import SessionClient
import Testing

@Suite("The client library when the daemon goes away, or takes its time")
struct ClientReconnectTests {
  @Test("the next call after a restart works, whatever it is")
  func restart() async throws {
    try await withDaemon { daemon in
      let sessions = daemon.client()
      try await sessions.set("s1", "a", 1)
      for _ in 0..<3 {
        try daemon.restart()
        _ = try await sessions.get("s1", "a", as: Int.self)
        try daemon.restart()
        #expect(try await sessions.increment("s2", "n", by: 0) == 0)
        try daemon.restart()
        try await sessions.set("s1", "a", 2)
        #expect(try await sessions.get("s1", "a", as: Int.self) == 2)
      }
    }
  }

  @Test("while no daemon runs a call throws unavailable; when one comes back it works again")
  func unavailable() async throws {
    try await withDaemon { daemon in
      let sessions = daemon.client(
        SessionClient.Options(requestTimeout: .seconds(60), reconnectPatience: .zero))
      try await sessions.ping()
      daemon.kill()
      await #expect { try await sessions.get("s1", "a", as: Int.self) } throws: { error in
        if case SessionError.unavailable(let socket, _) = error { socket == daemon.socketPath } else { false }
      }
      try daemon.restart()
      try await sessions.ping()
    }
  }

  @Test("a change whose reply was lost throws and says that it may have been applied; a read is asked again")
  func lostReplies() async throws {
    try await withDaemon { daemon in
      let sessions = daemon.client()
      try await sessions.set("s1", "n", 1)
      try daemon.signal(SIGSTOP)
      let counted = Task { try await sessions.increment("s1", "n") }
      let stored = Task { try await sessions.set("s1", "a", 1) }
      let found = Task { try await sessions.exists("s1") }
      // All lie in the stopped daemon's socket before it dies.
      try await Task.sleep(for: .milliseconds(300))
      try daemon.restart()
      await #expect(throws: SessionError.disconnected(mayHaveBeenApplied: true)) { try await counted.value }
      await #expect(throws: SessionError.disconnected(mayHaveBeenApplied: true)) { try await stored.value }
      _ = try await found.value
    }
  }

  @Test("a daemon that does not answer in time: timedOut, and an increment may have been applied")
  func timeout() async throws {
    try await withDaemon { daemon in
      let hasty = daemon.client(SessionClient.Options(requestTimeout: .milliseconds(200)))
      let sessions = daemon.client()
      try await sessions.ping()
      try daemon.signal(SIGSTOP)
      await #expect { try await hasty.increment("s2", "n") } throws: { error in
        if case SessionError.timedOut = error { true } else { false }
      }
      try daemon.signal(SIGCONT)
      try await sessions.set("s1", "n", 5)
      #expect(try await sessions.increment("s1", "n") == 6)
    }
  }

  @Test("a cancelled call throws at once, and its late reply goes to nobody else")
  func cancellation() async throws {
    try await withDaemon { daemon in
      var options = DaemonProcess.patient
      options.mapping = .off
      let sessions = daemon.client(options)
      try await sessions.setMany("s1", ["a": 1, "b": 2])
      try daemon.signal(SIGSTOP)
      let task = Task { try await sessions.get("s1", "a", as: Int.self) }
      try await Task.sleep(for: .milliseconds(50))
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      try daemon.signal(SIGCONT)
      #expect(try await sessions.get("s1", "b", as: Int.self) == 2)
    }
  }
}
