import Glibc
import Testing

@Suite("Stopping: what was sent is answered, nothing is left behind")
struct ShutdownTests {
  @Test("SIGTERM and SIGINT end it with status 0 and remove the socket", arguments: [SIGTERM, SIGINT])
  func stops(signal: Int32) throws {
    try withDaemon { daemon in
      let idle = try daemon.connect()
      #expect(try idle.request("PING") == #"OK "pong""#)
      try daemon.signal(signal)
      #expect(try daemon.waitForExit(within: 5) == .exited(0))
      #expect(Files.status(daemon.socketPath) == nil)
      #expect(try idle.isClosed())
    }
  }

  @Test("requests that were sent before SIGTERM are answered, in order and whole, before the end")
  func drains() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      #expect(try connection.request("PING") == #"OK "pong""#)
      // Stopped, it cannot have read them; when it goes on, it finds them together with the signal.
      try daemon.signal(SIGSTOP)
      try connection.send(String(repeating: "INCR s1 n\n", count: 1000))
      try daemon.signal(SIGTERM)
      try daemon.signal(SIGCONT)
      let replies = try connection.readToEnd()
      #expect(replies.count == 1000)
      let done = replies.prefix { $0.hasPrefix("OK ") }
      #expect(Array(done) == (0..<done.count).map { "OK \($0 + 1)" })
      #expect(replies[done.count...].allSatisfy { $0.errorCode == "stopping" })
      #expect(try daemon.waitForExit(within: 5) == .exited(0))
    }
  }

  @Test("a write that was answered OK during the drain is the last thing that its client reads")
  func drainUnderLoad() throws {
    try withDaemon { daemon in
      let path = daemon.socketPath
      let pid = daemon.pid
      try inThreads(5) { index in
        if index == 4 {
          pause(milliseconds: 100)
          try check(kill(pid, SIGTERM), "kill")
          return
        }
        let connection = try RawConnection(path: path)
        var next = 1
        while next < 1_000_000 {
          do { try connection.send("INCR s\(index) n\n") } catch { return }
          guard let reply = try? connection.readLine() else { return }
          if reply.errorCode == "stopping" { return }
          guard reply == "OK \(next)" else { throw Failure("\(reply) instead of OK \(next)") }
          next += 1
        }
        throw Failure("the daemon did not stop")
      }
      #expect(try daemon.waitForExit(within: 5) == .exited(0))
    }
  }

  @Test("a client that never reads, and one in the middle of a line, don't hold it up")
  func stubbornClients() throws {
    try withDaemon { daemon in
      let witness = try daemon.connect()
      _ = try witness.request("SET s1 a \"\(String(repeating: "x", count: 100_000))\"").version
      let silent = try daemon.connect()
      try silent.send(String(repeating: "GET s1 a\n", count: 1000))
      let unfinished = try daemon.connect()
      try unfinished.send("GET s1")
      #expect(try witness.request("PING") == #"OK "pong""#)
      try daemon.signal(SIGTERM)
      // Five seconds to drain, and some for a machine that is busy with other tests.
      #expect(try daemon.waitForExit(within: 10) == .exited(0))
      #expect(Files.status(daemon.socketPath) == nil)
    }
  }

  @Test("it starts again in the same place after a stop and after a kill")
  func startsAgain() throws {
    try withDaemon { daemon in
      for _ in 0..<3 {
        try daemon.signal(SIGTERM)
        #expect(try daemon.waitForExit() == .exited(0))
        try daemon.restart()
        _ = try daemon.ask("SET s1 a 1").version
        daemon.kill()
        try daemon.restart()
        #expect(try daemon.ask("PING") == #"OK "pong""#)
      }
    }
  }

  @Test(
    "SIGTERM at any moment of the start ends it with status 0 or by the signal, and leaves no socket that answers"
  )
  func stopsWhileStarting() throws {
    for delay in 0..<20 {
      try TemporaryDirectory.with { directory in
        let daemon = try DaemonProcess(launching: directory, DaemonOptions())
        defer { daemon.kill() }
        pause(milliseconds: UInt32(delay))
        try daemon.signal(SIGTERM)
        let status = try daemon.waitForExit()
        #expect(status == .exited(0) || status == .killed(signal: SIGTERM), "after \(delay) ms")
        #expect(throws: SystemCallError.self) { try daemon.connect() }
      }
    }
  }

  @Test("versions go on growing over a stop, a kill and a new start")
  func versionsOverRestarts() throws {
    try withDaemon { daemon in
      var last: UInt64 = 0
      for round in 0..<3 {
        for _ in 0..<10 { last = try daemon.ask("SET s1 a \(round)").version }
        if round == 0 {
          try daemon.signal(SIGTERM)
          #expect(try daemon.waitForExit() == .exited(0))
        }
        try daemon.restart()
        let first = try daemon.ask("SET s1 a \(round)").version
        #expect(first > last)
      }
    }
  }

  @Test("a quiet start and stop log nothing that is a warning or worse")
  func quiet() throws {
    try withDaemon { daemon in
      _ = try daemon.ask("SET s1 a 1")
      try daemon.signal(SIGTERM)
      _ = try daemon.waitForExit()
      #expect(!daemon.output.isEmpty)
      #expect(daemon.warnings == [])
    }
  }
}
