import Synchronization
import SystemCalls
import Testing

@testable import SessionClient

@Suite("Events over the socket", .timeLimit(.minutes(10))) struct EventStreamTests {
  private func event(_ number: Int, _ kind: String = "set", _ session: String = "s1") -> String {
    #"EVENT {"seq":\#(number),"event":"\#(kind)","session":"\#(session)","version":\#(number + 1000)}"# + "\n"
  }

  @Test("come in their order, however the bytes are cut, with what later daemons may add")
  func order() async throws {
    let daemon = try FakeDaemon { connection in
      _ = connection.readLine()
      connection.sendBytewise("OK 7\n" + event(8))
      connection.sendBytewise(
        #"EVENT {"seq":9,"event":"rename","session":"a \"b\"","version":3,"to":"\u00e9","by":{"uid":1}}"#
          + "\n")
      connection.sendBytewise(#"EVENT {"seq":10,"event":"frozen"}"# + "\n")
      connection.waitForEnd()
    }
    defer { daemon.stop() }
    let sessions = client(of: daemon)
    var iterator = sessions.events(of: "s1", "a \"b\"", "SINCE").makeAsyncIterator()
    #expect(try await iterator.begin() == 7)
    #expect(try await iterator.begin() == 7)
    #expect(
      try await iterator.next() == SessionEvent(sequence: 8, kind: .set, session: "s1", version: 1008))
    #expect(
      try await iterator.next()
        == SessionEvent(sequence: 9, kind: .rename, session: "a \"b\"", version: 3, newSession: "é"))
    #expect(try await iterator.next() == SessionEvent(sequence: 10, kind: .init(rawValue: "frozen")))
    #expect(daemon.lines == [#"WATCH s1 "a \"b\"" "SINCE""#])
  }

  @Test("go on behind the last one after a connection was lost, before or after its WATCH was answered")
  func reconnection() async throws {
    let daemon = try FakeDaemon { connection in
      guard connection.readLine() != nil else { return }
      switch connection.number {
      case 1: connection.send("OK 5\n" + event(6) + event(7) + "EVENT {\"seq\":8")
      case 2: return
      case 3: connection.send("OK 9\n" + event(8))
      default:
        connection.send("OK 9\n" + event(9))
        connection.waitForEnd()
      }
    }
    defer { daemon.stop() }
    var iterator = client(of: daemon).events().makeAsyncIterator()
    for number in 6...9 { #expect(try await iterator.next()?.sequence == number) }
    #expect(daemon.lines == ["WATCH *", "WATCH * SINCE 7", "WATCH * SINCE 7", "WATCH * SINCE 8"])
  }

  @Test("that are gone are told as missed, as the daemon says, or when it never knew the last one")
  func missed() async throws {
    let daemon = try FakeDaemon { connection in
      _ = connection.readLine()
      if connection.number == 1 {
        connection.send("OK 50\n" + #"EVENT {"seq":50,"event":"missed"}"# + "\n" + event(51))
        return
      }
      connection.send("ERR unknown no event has that number yet; the last is 20\n")
      _ = connection.readLine()
      connection.send("OK 20\n" + event(21))
      connection.waitForEnd()
    }
    defer { daemon.stop() }
    var iterator = client(of: daemon).events(of: ["s1"], since: 3).makeAsyncIterator()
    var seen: [SessionEvent] = []
    for _ in 0..<4 { seen += [try await iterator.next()].compactMap(\.self) }
    #expect(seen.map(\.kind) == [.missed, .set, .missed, .set])
    #expect(seen.map(\.sequence) == [50, 51, 20, 21])
    #expect(daemon.lines == ["WATCH s1 SINCE 3", "WATCH s1 SINCE 51", "WATCH s1"])
  }

  @Test("go on when the daemon has no room, goes down, or finds the watcher too slow")
  func turnedAway() async throws {
    let daemon = try FakeDaemon { connection in
      switch connection.number {
      case 1: connection.send("ERR limit too many connections\n")
      case 2:
        _ = connection.readLine()
        connection.send("ERR stopping the daemon is going down\n")
      case 3:
        _ = connection.readLine()
        connection.send("OK 1\n" + event(2) + "ERR limit too slow: events were missed; the last sent is 2\n")
      default:
        _ = connection.readLine()
        connection.send("OK 9\n" + #"EVENT {"seq":9,"event":"missed"}"# + "\n")
        connection.waitForEnd()
      }
    }
    defer { daemon.stop() }
    var iterator = client(of: daemon).events().makeAsyncIterator()
    #expect(try await iterator.next()?.sequence == 2)
    #expect(try await iterator.next()?.kind == .missed)
    #expect(daemon.lines.last == "WATCH * SINCE 2")
  }

  @Test("are received only as fast as they are taken, and none is lost by that")
  func backpressure() async throws {
    let total = 20_000
    let sent = Mutex(0)
    let daemon = try FakeDaemon { connection in
      _ = connection.readLine()
      connection.send("OK 0\n")
      for number in 1...total {
        connection.send(event(number))
        sent.withLock { $0 = number }
      }
      connection.waitForEnd()
    }
    defer { daemon.stop() }
    let source = SocketEventSource(client(of: daemon), nil, since: nil)
    var iterator = SessionEvents { source }.makeAsyncIterator()
    try await iterator.begin()
    try await eventually("it is full") {
      source.state.withLock { $0.events.count } >= SocketEventSource.eventsMost
    }
    // What is underway fits the socket's buffers and one piece; the daemon's thread waits.
    for _ in 0..<20 {
      try await Task.sleep(for: .milliseconds(5))
      #expect(source.state.withLock { $0.events.count } < SocketEventSource.eventsMost + 400)
    }
    #expect(sent.withLock(\.self) < total)
    for number in 1...total {
      let event = try await iterator.next()
      guard event?.sequence == number else { throw TestFailure("\(number): \(String(describing: event))") }
    }
  }

  @Test(
    "end with what the daemon says that will not pass",
    arguments: [
      ("ERR denied WATCH * wants the role admin", SessionError.denied("WATCH * wants the role admin")),
      ("ERR unknown no such command", .unknownCommand("no such command")),
      ("ERR too-large too many", .tooLarge("too many")),
      ("NIL", .protocolViolation("no number in the reply to WATCH", mayHaveBeenApplied: false)),
      ("OK {}", .protocolViolation("a reply that nobody asked for", mayHaveBeenApplied: false)),
      (
        "EVENT {}",
        .protocolViolation("an event came before the reply to WATCH", mayHaveBeenApplied: false)
      ),
      (
        "OK 1\nEVENT {}",
        .protocolViolation("an event without its number or its kind", mayHaveBeenApplied: false)
      ),
      ("OK 1\nEVENT {", .protocolViolation("no JSON in the place of it", mayHaveBeenApplied: false)),
      ("OK 1\nOK 2", .protocolViolation("a reply that nobody asked for", mayHaveBeenApplied: false)),
    ])
  func failures(answer: String, error: SessionError) async throws {
    let daemon = try FakeDaemon { connection in
      _ = connection.readLine()
      connection.send(answer + "\n")
      connection.waitForEnd()
    }
    defer { daemon.stop() }
    var iterator = client(of: daemon).events().makeAsyncIterator()
    await #expect(throws: error) { try await iterator.next() }
    await #expect(throws: error) { try await iterator.next() }
    #expect(daemon.connections == 1)
  }

  @Test("end with a line without an end")
  func endless() async throws {
    let daemon = try FakeDaemon { connection in
      _ = connection.readLine()
      connection.send("OK 1\n" + String(repeating: "x", count: 100_000))
      connection.waitForEnd()
    }
    defer { daemon.stop() }
    var iterator = client(of: daemon).events().makeAsyncIterator()
    await #expect(
      throws: SessionError.protocolViolation("a reply is longer than 16384 bytes", mayHaveBeenApplied: false)
    ) { try await iterator.next() }
  }

  @Test("that came before an error can still be taken")
  func eventsBeforeTheError() async throws {
    let daemon = try FakeDaemon { connection in
      _ = connection.readLine()
      connection.send("OK 1\n" + event(2) + event(3) + "NIL\n")
      connection.waitForEnd()
    }
    defer { daemon.stop() }
    var iterator = client(of: daemon).events().makeAsyncIterator()
    #expect(try await iterator.next()?.sequence == 2)
    #expect(try await iterator.next()?.sequence == 3)
    await #expect(throws: SessionError.self) { try await iterator.next() }
  }

  // MARK: Ends

  private func silent() throws -> (FakeDaemon, Signal) {
    let ended = Signal()
    let daemon = try FakeDaemon { connection in
      _ = connection.readLine()
      connection.send("OK 1\n")
      connection.waitForEnd()
      ended.raise()
    }
    return (daemon, ended)
  }

  @Test("end with their task, and so does their connection")
  func cancellation() async throws {
    let (daemon, ended) = try silent()
    defer { daemon.stop() }
    let sessions = client(of: daemon)
    let task = Task { for try await _ in sessions.events() {} }
    try await eventually("it watches") { daemon.lines == ["WATCH *"] }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    await ended.wait()
    // The client itself is well. Its thread closes the connection, and only then is counted out.
    try await eventually("nobody watches") { sessions.watches.isEmpty }
  }

  @Test("end with the client, whether somebody waits or not")
  func closing() async throws {
    let (daemon, ended) = try silent()
    defer { daemon.stop() }
    let sessions = client(of: daemon)
    let task = Task { for try await _ in sessions.events() {} }
    try await eventually("it watches") { daemon.lines == ["WATCH *"] }
    sessions.close()
    await #expect(throws: SessionError.closed) { try await task.value }
    await ended.wait()
    await #expect(throws: SessionError.closed) { for try await _ in sessions.events() {} }
  }

  @Test("let go of their connection when the loop is left")
  func leaving() async throws {
    let ended = Signal()
    let daemon = try FakeDaemon { connection in
      _ = connection.readLine()
      connection.send("OK 1\n" + event(2))
      connection.waitForEnd()
      ended.raise()
    }
    defer { daemon.stop() }
    for try await event in client(of: daemon).events() where event.sequence == 2 { break }
    await ended.wait()
  }

  @Test("throw where there is no daemon to begin with, after as long as any other call waits")
  func noDaemon() async throws {
    let directory = try TemporaryDirectory()
    let sessions = SessionClient(
      socket: directory.path + "/sessiond.sock", options: .init(reconnectPatience: .milliseconds(20)))
    await #expect {
      for try await _ in sessions.events() {}
    } throws: { error in
      if case SessionError.unavailable = error { true } else { false }
    }
  }

  @Test("wait for a daemon that comes a moment later")
  func laterDaemon() async throws {
    let directory = try TemporaryDirectory()
    let sessions = SessionClient(
      socket: directory.path + "/sessiond.sock", options: .init(reconnectPatience: .seconds(30)))
    let task = Task { () async throws -> Int? in
      for try await event in sessions.events() { return event.sequence }
      return nil
    }
    try await Task.sleep(for: .milliseconds(30))
    let daemon = try FakeDaemon(in: directory) { connection in
      _ = connection.readLine()
      connection.send("OK 1\n" + event(2))
      connection.waitForEnd()
    }
    defer { daemon.stop() }
    #expect(try await task.value == 2)
  }

  @Test("a daemon that does not answer the first WATCH: timedOut; later ones are asked again")
  func timeout() async throws {
    let daemon = try FakeDaemon { connection in
      _ = connection.readLine()
      if connection.number == 1 { return connection.send("OK 1\n" + event(2)) }
      if connection.number == 2 { return connection.waitForEnd() }
      connection.send("OK 2\n" + event(3))
      connection.waitForEnd()
    }
    defer { daemon.stop() }
    var iterator = client(of: daemon, timeout: .milliseconds(100)).events().makeAsyncIterator()
    #expect(try await iterator.next()?.sequence == 2)
    #expect(try await iterator.next()?.sequence == 3)
    let mute = try FakeDaemon { $0.waitForEnd() }
    defer { mute.stop() }
    let sessions = client(of: mute, timeout: .milliseconds(50), patience: .milliseconds(10))
    await #expect(throws: SessionError.timedOut(mayHaveBeenApplied: false)) {
      for try await _ in sessions.events() {}
    }
  }
}
