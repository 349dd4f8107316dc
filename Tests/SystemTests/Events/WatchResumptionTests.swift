import Glibc
import Testing

@Suite("A watcher that comes back goes on where it was, or learns that it missed something")
struct WatchResumptionTests {
  @Test("SINCE tells all that happened while nobody watched, once, and goes on")
  func resumes() throws {
    try withDaemon { daemon in
      let writer = try daemon.connect()
      var seen: [UInt64] = []
      var last: UInt64 = 0
      for round in 0..<5 {
        let watcher = try Watcher(daemon, round == 0 ? "s" : "s SINCE \(last)")
        if round > 0 { seen += try watcher.events(10).map(\.number) }
        for _ in 0..<10 { _ = try writer.request("INCR s n") }
        seen += try watcher.events(10).map(\.number)
        last = seen[seen.count - 1]
        watcher.connection.close()
        for _ in 0..<10 { _ = try writer.request("INCR s n") }
      }
      #expect(seen == Array(seen[0]..<seen[0] + 90))
    }
  }

  @Test("SINCE resumes amid a stream of changes with nothing lost and nothing twice")
  func resumesAmidChanges() throws {
    try withDaemon("--threads", "2") { daemon in
      let start = try Watcher(daemon, "s").start
      let path = daemon.socketPath
      let count = 20_000
      let end = start + UInt64(count)
      try inThreads(2) { index in
        guard index == 0 else {
          let writer = try RawConnection(path: path)
          let replies = try writer.exchange(
            Array(String(repeating: "INCR s n\n", count: count).utf8), replies: count)
          guard replies.last == "OK \(count)" else { throw Failure("\(replies.last ?? "nothing")") }
          return
        }
        var last = start
        while last < end {
          let watcher = try Watcher(path: path, "s SINCE \(last)")
          for _ in 0..<1 + Int(last % 700) where last < end {
            let event = try watcher.event()
            guard event.number == last + 1 else { throw Failure("\(event) behind \(last)") }
            last = event.number
          }
        }
      }
    }
  }

  @Test("SINCE from the future is refused, and nothing is watched")
  func future() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      let last = try connection.request("WATCH s").version
      #expect(try connection.request("UNWATCH") == "OK")
      #expect(
        try connection.request("WATCH s SINCE \(last + 1)")
          == "ERR unknown no event has that number yet; the last is \(last)")
      #expect(try connection.request("SET s k 1").errorCode == nil)
      #expect(try connection.request("WATCH s SINCE \(last)") == "OK \(last + 1)")
      #expect(try Watcher.event(connection.reply()).number == last + 1)
    }
  }

  @Test(
    "after a restart a SINCE from before it is told of it, and no number comes twice",
    arguments: [SIGKILL, SIGTERM])
  func restart(signal: Int32) throws {
    try withDaemon { daemon in
      let before = try Watcher(daemon, "*")
      for number in 0..<10 { _ = try daemon.ask("SET s\(number) k 1").version }
      let last = try before.events(10)[9].number
      try daemon.signal(signal)
      _ = try daemon.waitForExit()
      #expect(try before.connection.isClosed())
      try daemon.restart()
      // Changed while nobody watched, since the start.
      _ = try daemon.ask("SET s1 k 2").version
      let after = try Watcher(daemon, "* SINCE \(last)")
      #expect(after.start > last)
      #expect(try after.event() == .init(number: after.start, kind: "missed", session: "", version: 0))
      let version = try daemon.ask("SET s1 k 3").version
      #expect(
        try after.event() == .init(number: after.start + 1, kind: "set", session: "s1", version: version))
    }
  }
}
