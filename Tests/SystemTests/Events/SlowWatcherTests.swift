import Glibc
import Testing

@Suite("A watcher that does not read hurts only itself")
struct SlowWatcherTests {
  /// Changes a session of an id of 255 bytes so often that none of the events before is kept.
  private func overrun(_ daemon: DaemonProcess, _ id: String) throws {
    let count = 40_000
    let requests = Array(String(repeating: "INCR \(id) n\n", count: count).utf8)
    let replies = try daemon.connect().exchange(requests, replies: count)
    guard replies.last?.errorCode == nil else { throw Failure("\(replies.last ?? "nothing")") }
  }

  @Test("it is dropped with a last line, while writers and other watchers go on; SINCE says what it missed")
  func dropped() throws {
    try withDaemon { daemon in
      let id = String(repeating: "x", count: 255)
      let slow = try Watcher(daemon, id)
      let other = try Watcher(daemon, "other")
      let before = try daemon.facts.anonymousBytes
      try overrun(daemon, id)
      #expect(try daemon.facts.anonymousBytes - before < 32 << 20)
      try eventually("it is given up") { try daemon.ask("STATS").number("dropped") == 1 }
      var last = slow.start
      var lines = try slow.connection.readToEnd()
      let end = lines.removeLast()
      for line in lines {
        let event = try Watcher.event(line)
        #expect(event.number == last + 1)
        last = event.number
      }
      #expect(last > slow.start)
      #expect(end == "ERR limit too slow: events were missed; the last sent is \(last)")
      _ = try daemon.ask("SET other k 1").version
      #expect(try other.event().session == "other")
      let again = try Watcher(daemon, "\(id) SINCE \(last)")
      #expect(try again.event().kind == "missed")
    }
  }

  @Test("it is closed after --line-timeout when it does not even take its last line")
  func neverReads() throws {
    try withDaemon("--line-timeout", "300ms") { daemon in
      let id = String(repeating: "x", count: 255)
      let slow = try Watcher(daemon, id)
      let witness = try daemon.connect()
      try overrun(daemon, id)
      try daemon.waitUntilAlone(witness)
      #expect(try witness.request("STATS").number("dropped") == 1)
      slow.connection.close()
    }
  }

  @Test("a hundred of them keep nobody from writing, and hold bounded memory")
  func many() throws {
    try withDaemon { daemon in
      let watchers = try (0..<100).map { _ in try Watcher(daemon, "*") }
      let before = try daemon.facts.anonymousBytes
      let count = 5000
      let requests = Array(String(repeating: "INCR s n\n", count: count).utf8)
      for round in 1...3 {
        let replies = try daemon.connect().exchange(requests, replies: count)
        #expect(replies.last == "OK \(round * count)")
      }
      // Those who watch hold a turn's replies each, the log its ring.
      #expect(try daemon.facts.anonymousBytes - before < 100 * (512 << 10) + (16 << 20))
      for watcher in watchers.prefix(3) {
        let numbers = try watcher.events(3 * count).map(\.number)
        #expect(numbers == (1...UInt64(3 * count)).map { watcher.start + $0 })
      }
    }
  }
}
