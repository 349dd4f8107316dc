import SessionClient
import Testing

@Suite(.timeLimit(.minutes(10))) struct ConcurrencyTests {
  /// Answers `GET s N` with N.
  static func echo(_ line: String) -> String {
    "OK \(line.split(separator: " ").last ?? "")\n"
  }

  @Test("requests of concurrent tasks are pipelined on one connection, and each gets its own reply")
  func pipelining() async throws {
    let count = 200
    let daemon = try FakeDaemon { connection in
      // Nobody is answered before everybody asked.
      let lines = connection.readLines(count)
      connection.send(lines.map(Self.echo).joined())
      connection.waitForEnd()
    }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<count {
        group.addTask { try await sessions.get("s", String(number), as: Int.self) == number }
      }
      for try await isOwn in group { #expect(isOwn) }
    }
    #expect(daemon.connections == 1)
  }

  @Test("replies that come byte by byte are put together")
  func bytewise() async throws {
    let daemon = try FakeDaemon { connection in
      while let line = connection.readLine() { connection.sendBytewise(Self.echo(line)) }
    }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    for number in 0..<20 {
      #expect(try await sessions.get("s", String(number), as: Int.self) == number)
    }
  }

  @Test("a daemon that reads slowly gets every byte of long requests in order")
  func backpressure() async throws {
    let open = Signal()
    let daemon = try FakeDaemon { connection in
      open.block()
      while let line = connection.readLine() { connection.send("OK \(line.utf8.count)\n") }
    }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 1...30 {
        let text = String(repeating: "x", count: number * 20_000)
        group.addTask {
          try await sessions.set("s", "k", text) == "SET s k \"\"".utf8.count + text.utf8.count
        }
      }
      open.raise()
      for try await isWhole in group { #expect(isWhole) }
    }
    #expect(daemon.lines.count == 30)
  }

  @Test("a line that is refused before its end came is sent to the end, and the connection goes on")
  func refusedEarly() async throws {
    let daemon = try FakeDaemon { connection in
      connection.send("ERR too-large over 10 bytes\n")
      _ = connection.readLine()
      connection.answerAll(Self.echo)
    }
    let sessions = client(of: daemon, mapping: .off)
    defer { daemon.stop() }
    await #expect(throws: SessionError.tooLarge("over 10 bytes")) {
      try await sessions.set("s", "k", String(repeating: "x", count: 1_000_000))
    }
    #expect(try await sessions.get("s", "5", as: Int.self) == 5)
    #expect(daemon.connections == 1)
  }

  @Test("a cancelled call throws at once, and its late reply goes to nobody else")
  func cancellation() async throws {
    let asked = Signal()
    let answer = Signal()
    let daemon = try FakeDaemon { connection in
      _ = connection.readLine()
      asked.raise()
      answer.block()
      connection.send("OK \"late\"\n")
      connection.answerAll(Self.echo)
    }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    let task = Task { try await sessions.get("s", "first", as: String.self) }
    await asked.wait()
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    async let second = sessions.get("s", "2", as: Int.self)
    answer.raise()
    #expect(try await second == 2)
    #expect(try await sessions.get("s", "3", as: Int.self) == 3)
    #expect(daemon.connections == 1)
  }

  @Test("a call in a task that is cancelled already sends nothing")
  func cancelledBefore() async throws {
    let daemon = try FakeDaemon { $0.answerAll(Self.echo) }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    let start = Signal()
    let task = Task {
      await start.wait()
      return try await sessions.get("s", "0", as: Int.self)
    }
    task.cancel()
    start.raise()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(try await sessions.get("s", "1", as: Int.self) == 1)
    #expect(daemon.lines == ["GET s 1"])
  }

  @Test("cancelling some of many calls leaves the others their own replies")
  func cancelSome() async throws {
    let daemon = try FakeDaemon { $0.answerAll(Self.echo) }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    for _ in 0..<20 {
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<100 {
          let task = Task { try await sessions.get("s", String(number), as: Int.self) }
          if number % 3 == 0 { task.cancel() }
          group.addTask {
            switch await task.result {
            case .success(let reply): #expect(reply == number)
            case .failure(let error): #expect(number % 3 == 0 && error is CancellationError)
            }
          }
        }
      }
    }
    #expect(daemon.connections == 1)
  }

  @Test("a call that timed out says whether it may have been applied, and its late reply goes to nobody else")
  func timeouts() async throws {
    let answer = Signal()
    let daemon = try FakeDaemon { connection in
      let lines = connection.readLines(2)
      answer.block()
      connection.send(lines.map { _ in "OK \"late\"\n" }.joined())
      connection.answerAll(Self.echo)
    }
    let sessions = client(of: daemon, timeout: .milliseconds(50))
    defer { daemon.stop() }
    await #expect(throws: SessionError.timedOut(mayHaveBeenApplied: false)) {
      try await sessions.get("s", "a", as: String.self)
    }
    await #expect(throws: SessionError.timedOut(mayHaveBeenApplied: true)) {
      try await sessions.set("s", "a", 1)
    }
    answer.raise()
    // The daemon may take longer than the timeout to get going again.
    var reply: Int?
    for _ in 0..<200 where reply == nil {
      do { reply = try await sessions.get("s", "7", as: Int.self) } catch SessionError.timedOut {}
    }
    #expect(reply == 7)
    #expect(daemon.connections == 1)
  }

  @Test("a request that was never sent and timed out was certainly not applied")
  func timeoutBeforeSending() async throws {
    let done = Signal()
    defer { done.raise() }
    let daemon = try FakeDaemon { _ in done.block() }
    let sessions = client(of: daemon, timeout: .milliseconds(300))
    defer { daemon.stop() }
    // More than a socket takes while nobody reads, so the count waits behind it.
    let long = Task { try await sessions.set("s", "k", String(repeating: "x", count: 1_000_000)) }
    try await daemon.waitForConnection()
    let count = Task { try await sessions.increment("s", "n") }
    await #expect(throws: SessionError.timedOut(mayHaveBeenApplied: true)) { try await long.value }
    await #expect(throws: SessionError.timedOut(mayHaveBeenApplied: false)) { try await count.value }
  }

  @Test("a closed client fails what waits and refuses what comes")
  func close() async throws {
    let asked = Signal()
    let daemon = try FakeDaemon { connection in
      _ = connection.readLines(2)
      asked.raise()
      connection.waitForEnd()
    }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    let read = Task { try await sessions.get("s", "k", as: Int.self) }
    let count = Task { try await sessions.increment("s", "k") }
    await asked.wait()
    sessions.close()
    await #expect(throws: SessionError.closed) { try await read.value }
    await #expect(throws: SessionError.disconnected(mayHaveBeenApplied: true)) { try await count.value }
    await #expect(throws: SessionError.closed) { try await sessions.ping() }
    sessions.close()
  }

  @Test("letting go of the client closes its connection")
  func letGo() async throws {
    let ended = Signal()
    let daemon = try FakeDaemon { connection in
      connection.answerAll { _ in "OK \"pong\"\n" }
      ended.raise()
    }
    do {
      let sessions = client(of: daemon)
      defer { daemon.stop() }
      try await sessions.ping()
    }
    await ended.wait()
    #expect(daemon.lines == ["PING"])
  }
}
