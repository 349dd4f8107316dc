import Glibc
import SessionClient
import Testing

@Suite(.timeLimit(.minutes(10))) struct ReconnectionTests {
  @Test("no socket is an error that names the path and the reason")
  func noSocket() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/sessiond.sock"
    let sessions = SessionClient(socket: path, options: .init(reconnectPatience: .milliseconds(20)))
    await #expect(
      throws: SessionError.unavailable(socket: path, reason: "connect: No such file or directory")
    ) {
      try await sessions.ping()
    }
  }

  @Test("without patience one attempt is made")
  func noPatience() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/sessiond.sock"
    let sessions = SessionClient(socket: path, options: .init(reconnectPatience: .zero))
    await #expect(
      throws: SessionError.unavailable(socket: path, reason: "connect: No such file or directory")
    ) {
      try await sessions.increment("s", "k")
    }
    let daemon = try FakeDaemon { $0.answerAll { _ in "OK \"pong\"\n" } }
    let other = client(of: daemon, patience: .zero)
    defer { daemon.stop() }
    try await other.ping()
  }

  @Test("a path that does not fit a socket address is refused")
  func longPath() async throws {
    for path in ["", "/tmp/" + String(repeating: "x", count: 103), "/tmp/\0x"] {
      let sessions = SessionClient(socket: path, options: .init(reconnectPatience: .zero))
      await #expect(
        throws: SessionError.unavailable(
          socket: path, reason: "a socket's path has 1 to 107 bytes, none of them zero")
      ) {
        try await sessions.ping()
      }
    }
  }

  @Test("a request waits for a daemon that comes up late")
  func lateDaemon() async throws {
    let directory = try TemporaryDirectory()
    let sessions = SessionClient(
      socket: directory.path + "/sessiond.sock",
      options: .init(requestTimeout: .seconds(20), reconnectPatience: .seconds(20)))
    let count = Task { try await sessions.increment("s", "k") }
    try await Task.sleep(for: .milliseconds(30))
    let daemon = try FakeDaemon(in: directory) { $0.answerAll { _ in "OK 1\n" } }
    #expect(try await count.value == 1)
    #expect(daemon.lines == ["INCR s k"])
  }

  @Test("the next request after the daemon closed goes out on a new connection")
  func reconnect() async throws {
    let daemon = try FakeDaemon { connection in
      _ = connection.readLine()
      connection.send("OK \(connection.number)\n")
    }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    for number in 1...5 {
      // The closing may be seen only after the request was sent, and then a read is sent again.
      let reply = try await sessions.get("s", "k", as: Int.self)
      #expect(reply == number)
    }
    #expect(daemon.connections == 5)
  }

  @Test("a daemon that is gone for good is an error for the next request")
  func gone() async throws {
    let daemon = try FakeDaemon { connection in
      _ = connection.readLine()
      connection.send("OK \"pong\"\n")
    }
    let sessions = client(of: daemon, patience: .milliseconds(50))
    defer { daemon.stop() }
    try await sessions.ping()
    daemon.stop()
    await #expect(
      throws: SessionError.unavailable(socket: daemon.path, reason: "connect: No such file or directory")
    ) {
      try await sessions.ping()
    }
  }

  @Test("a request that the daemon declines while it shuts down goes to the next one, whatever it is")
  func stopping() async throws {
    let daemon = try FakeDaemon { connection in
      _ = connection.readLine()
      connection.send(connection.number == 1 ? "ERR stopping the daemon is shutting down\n" : "OK 1\n")
      connection.waitForEnd()
    }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    #expect(try await sessions.increment("s", "k") == 1)
    #expect(daemon.lines == ["INCR s k", "INCR s k"])
    #expect(daemon.connections == 2)
  }

  @Test("requests that were accepted before the shutdown keep their replies")
  func stoppingMidway() async throws {
    let asked = Signal()
    let daemon = try FakeDaemon { connection in
      if connection.number == 1 {
        _ = connection.readLines(3)
        asked.raise()
        connection.send("OK 10\nERR stopping\nERR stopping\n")
      } else {
        connection.answerAll { _ in "OK 20\n" }
      }
    }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<3 { group.addTask { try await sessions.increment("s", "k") } }
      var replies: [Int] = []
      for try await reply in group { replies.append(reply) }
      #expect(replies.sorted() == [10, 20, 20])
    }
  }

  @Test("a daemon that keeps shutting down is an error in the end")
  func stoppingForEver() async throws {
    let daemon = try FakeDaemon { $0.answerAll { _ in "ERR stopping bye\n" } }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    await #expect(throws: SessionError.stopping("bye")) { try await sessions.increment("s", "k") }
    #expect(daemon.lines.count == 3)
  }

  @Test("a client that is turned away tries again, and nothing was executed")
  func turnedAway() async throws {
    let daemon = try FakeDaemon { connection in
      if connection.number < 3 {
        connection.send("ERR limit too many connections\n")
      } else {
        connection.answerAll { _ in "OK 1\n" }
      }
    }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    #expect(try await sessions.increment("s", "k") == 1)
    #expect(daemon.lines == ["INCR s k"])
    #expect(daemon.connections == 3)
  }

  @Test("a client that is turned away for good says why")
  func turnedAwayForGood() async throws {
    let daemon = try FakeDaemon { $0.send("ERR limit too many connections\n") }
    let sessions = client(of: daemon, patience: .milliseconds(50))
    defer { daemon.stop() }
    await #expect(throws: SessionError.limit("too many connections")) {
      try await sessions.increment("s", "k")
    }
  }
}
