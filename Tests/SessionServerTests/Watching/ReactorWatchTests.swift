import Glibc
import Logging
import SessionCache
import Synchronization
import SystemCalls
import Testing

@testable import SessionServer

@Suite("The reactor's watchers")
struct ReactorWatchTests {
  private func number(_ reply: String) throws -> UInt64 {
    try #require(reply.hasPrefix("OK ") ? UInt64(reply.dropFirst(3)) : nil, "\(reply)")
  }

  /// The value of a member that is a whole number.
  private func member(_ name: String, of line: Substring) throws -> UInt64 {
    let start = try #require(line.firstRange(of: "\"\(name)\":")).upperBound
    return try #require(UInt64(line[start...].prefix { $0.isNumber }))
  }

  @Test("are told of what others change, and of what they change themselves behind the reply to that")
  func tells() throws {
    try ReactorUnderTest.with { reactor in
      let (watcher, _) = try reactor.connect()
      let (writer, _) = try reactor.connect()
      let last = try number(watcher.ask("WATCH a"))
      let version = try number(writer.ask("SET a k 1"))
      #expect(
        try watcher.receive(lines: 1)
          == #"EVENT {"seq":\#(last + 1),"event":"set","session":"a","version":\#(version)}"# + "\n")
      #expect(try writer.ask("SET b k 1").hasPrefix("OK "))
      try watcher.send("SET a k 2\nSET b k 2\nDEL a\n")
      let lines = try watcher.receive(lines: 5).split(separator: "\n")
      #expect(lines[0] == "OK \(version + 2)" && lines[1] == "OK \(version + 3)" && lines[2] == "OK 1")
      #expect(
        lines[3] == #"EVENT {"seq":\#(last + 3),"event":"set","session":"a","version":\#(version + 2)}"#)
      #expect(
        lines[4] == #"EVENT {"seq":\#(last + 5),"event":"del","session":"a","version":\#(version + 2)}"#)
      try watcher.send("UNWATCH\nSET a k 3\nPING\n")
      #expect(try watcher.receive(lines: 3) == "OK\nOK \(version + 4)\nOK \"pong\"\n")
      try reactor.settle()
      #expect(try watcher.ask("PING") == "OK \"pong\"")
    }
  }

  @Test("are told by the reclaimer of what expires")
  func expires() throws {
    try ReactorUnderTest.with { reactor in
      let (watcher, _) = try reactor.connect()
      #expect(try watcher.ask("SET a k TTL 1 1").hasPrefix("OK "))
      _ = try number(watcher.ask("WATCH a"))
      reactor.clock.advance(seconds: 3)
      let reclaimer = Reclaimer(clock: reactor.clock.clock, stall: nil)
      let thread = try ServiceThread(name: "reclaimer") { [cache = reactor.cache] in reclaimer.run(cache) }
      defer {
        reclaimer.stop()
        thread.join()
      }
      reclaimer.wake()
      #expect(try watcher.receive(lines: 1).contains(#""event":"expire","session":"a""#))
    }
  }

  @Test("get whole lines in order, also between replies, when the socket takes a byte at a time, or none")
  func partialSends() throws {
    try ReactorUnderTest.with { reactor in
      let (watcher, socket) = try reactor.connect()
      let (writer, _) = try reactor.connect()
      let ones = [FaultySockets.Fault](repeating: .atMost(1), count: 20)
      var last = try number(watcher.ask("WATCH *"))
      for faults in [ones, [.error(EAGAIN)], [.atMost(3), .error(EAGAIN), .error(EINTR), .atMost(1)] + ones] {
        reactor.sockets.failSending(on: socket, faults)
        try watcher.send(String(repeating: "PING\n", count: 20))
        try writer.send(String(repeating: "INCR s n\n", count: 300))
        _ = try writer.receive(lines: 300)
        try watcher.send(String(repeating: "PING\n", count: 20))
        let lines = try watcher.receive(lines: 340).split(separator: "\n")
        #expect(lines.count { $0 == "OK \"pong\"" } == 40)
        for line in lines where line != "OK \"pong\"" {
          #expect(line.hasSuffix("}"))
          let number = try member("seq", of: line)
          #expect(number == last + 1)
          last = number
        }
        #expect(reactor.sockets.faultsLeft(on: socket) == 0)
      }
    }
  }

  @Test("who is gone when an event is sent is dropped, and no other", arguments: [EPIPE, ECONNRESET])
  func brokenSend(code: Int32) throws {
    try ReactorUnderTest.with { reactor in
      let (broken, socket) = try reactor.connect()
      let (other, _) = try reactor.connect()
      _ = try number(broken.ask("WATCH s"))
      _ = try number(other.ask("WATCH s"))
      reactor.sockets.failSending(on: socket, [.error(code)])
      try other.send("SET s k 1\n")
      #expect(try other.receive(lines: 2).contains("\nEVENT "))
      #expect(try broken.receiveAll() == "")
      #expect(reactor.connectionCount == 1)
      #expect(reactor.log.messages(from: .info).isEmpty)
    }
  }

  @Test("a slow one holds up nobody, holds little memory, and misses nothing once it reads on")
  func slow() throws {
    try ReactorUnderTest.with { reactor in
      let (slow, _) = try reactor.connect(uid: 7)
      let (quick, _) = try reactor.connect()
      let (writer, _) = try reactor.connect()
      let last = try number(slow.ask("WATCH s"))
      _ = try number(quick.ask("WATCH s"))
      let count = 10_000
      for _ in 0..<count / 100 {
        try writer.send(String(repeating: "INCR s n\n", count: 100))
        _ = try writer.receive(lines: 100)
        _ = try quick.receive(lines: 100)
      }
      // Of 900 kB of lines the socket holds some, the daemon a turn's replies, and the log the rest.
      #expect(reactor.ledger.bufferedBytes(7) < Conversation.replyBytesMost)
      var seen = last
      for line in try slow.receive(lines: count).split(separator: "\n") {
        let number = try member("seq", of: line)
        #expect(number == seen + 1)
        seen = number
      }
      #expect(try slow.ask("PING") == "OK \"pong\"")
      #expect(try writer.ask("INCR s n") == "OK \(count + 1)")
      #expect(try member("seq", of: Substring(slow.receive(lines: 1))) == seen + 1)
    }
  }

  @Test("many of one session are all told, also over several turns, while some come, go, and fall behind")
  func many() throws {
    try ReactorUnderTest.with { reactor in
      // Every look at the clock ends the turn.
      let clock = MovedClock(step: Conversation.turnNanoseconds)
      try ReactorUnderTest.with(cache: reactor.cache, clock: clock) { other in
        let (writer, _) = try reactor.connect()
        var watchers: [(client: TestClient, start: UInt64)] = []
        for round in 0..<40 {
          let client = try other.connect().client
          watchers.append((client, try number(client.ask("WATCH s t"))))
          if round % 10 == 9 { _ = watchers.removeFirst() }
          for _ in 0..<5 { _ = try writer.ask("INCR s n") }
        }
        let last = other.cache.events.lastNumber
        for watcher in watchers {
          var seen = watcher.start
          while seen < last {
            let lines = try watcher.client.receive(lines: 1).split(separator: "\n")
            for line in lines {
              let number = try member("seq", of: line)
              #expect(number == seen + 1)
              seen = number
            }
          }
          #expect(try watcher.client.ask("PING") == "OK \"pong\"")
        }
      }
    }
  }

  @Test("one that resumes from far behind gets everything, once, while new events come")
  func resumes() throws {
    try ReactorUnderTest.with { reactor in
      let (watcher, _) = try reactor.connect()
      let (writer, _) = try reactor.connect()
      let last = try number(watcher.ask("WATCH s"))
      #expect(try watcher.ask("UNWATCH") == "OK")
      let (other, _) = try reactor.connect()
      _ = try number(other.ask("WATCH t"))
      let count = 20_000
      for _ in 0..<count / 100 {
        try writer.send(String(repeating: "INCR s n\n", count: 100))
        _ = try writer.receive(lines: 100)
      }
      try watcher.send("WATCH s SINCE \(last)\n")
      try writer.send(String(repeating: "INCR s n\n", count: 500))
      _ = try writer.receive(lines: 500)
      let lines = try watcher.receive(lines: count + 501).split(separator: "\n")
      #expect(lines[0].hasPrefix("OK "))
      var seen = last
      for line in lines.dropFirst() {
        let number = try member("seq", of: line)
        #expect(number == seen + 1)
        seen = number
      }
      #expect(seen == last + UInt64(count) + 500)
    }
  }

  /// Changes a session of a long id until the log has gone round.
  private func overrun(_ reactor: ReactorUnderTest, _ writer: TestClient, _ id: String) throws {
    let requests = String(repeating: "INCR \(id) n\n", count: 50)
    for _ in 0..<(EventLog.bytesMost / 272 + 2000) / 50 {
      try writer.send(requests)
      _ = try writer.receive(lines: 50)
    }
  }

  @Test("one that is too slow for the log gets a last line that says so, and is closed; others are not")
  func tooSlow() throws {
    let id = String(repeating: "x", count: 255)
    try ReactorUnderTest.with(cache: makeCache(bytes: 16 << 20)) { reactor in
      let (slow, _) = try reactor.connect()
      let (other, _) = try reactor.connect()
      let (writer, _) = try reactor.connect()
      let last = try number(slow.ask("WATCH \(id)"))
      _ = try number(other.ask("WATCH other"))
      try overrun(reactor, writer, id)
      try slow.send("PING\n")
      try eventually("it is given up") { reactor.statistics.dropped.load(ordering: .relaxed) == 1 }
      let lines = try slow.receiveAll().split(separator: "\n")
      var seen = last
      for line in lines.dropLast() {
        let number = try member("seq", of: line)
        #expect(number == seen + 1)
        seen = number
      }
      #expect(seen > last)
      #expect(lines.last == "ERR limit too slow: events were missed; the last sent is \(seen)")
      #expect(try writer.ask("SET other k 1").hasPrefix("OK "))
      #expect(try other.receive(lines: 1).contains(#""session":"other""#))
      #expect(reactor.connectionCount == 2)
    }
  }

  @Test("one that does not even take its last line is closed after a while")
  func neverReads() throws {
    let id = String(repeating: "x", count: 255)
    try ReactorUnderTest.with(cache: makeCache(bytes: 16 << 20), lineTimeout: 30) { reactor in
      let (slow, _) = try reactor.connect()
      let (writer, _) = try reactor.connect()
      _ = try number(slow.ask("WATCH \(id)"))
      try overrun(reactor, writer, id)
      try eventually("it is given up") { reactor.statistics.dropped.load(ordering: .relaxed) == 1 }
      reactor.clock.advance(seconds: 29)
      try reactor.settle()
      #expect(reactor.connectionCount == 2)
      reactor.clock.advance(seconds: 2)
      try reactor.settle()
      #expect(reactor.connectionCount == 1)
      #expect(!(try slow.receiveAll().contains("ERR")))
      #expect(reactor.statistics.dropped.load(ordering: .relaxed) == 1)
    }
  }

  @Test("when the last is gone, the log ends after its retention")
  func gone() throws {
    try ReactorUnderTest.with { reactor in
      let (watcher, _) = try reactor.connect()
      let last = try number(watcher.ask("WATCH s"))
      try watcher.endSending()
      #expect(try watcher.receiveAll() == "")
      try eventually("the connection is let go") { reactor.connectionCount == 0 }
      try reactor.settle()
      let now = reactor.clock.now
      #expect(reactor.cache.sweep(at: now) { true } == now + EventLog.retention)
      _ = reactor.cache.sweep(at: now + EventLog.retention) { true }
      let (writer, _) = try reactor.connect()
      #expect(try writer.ask("SET s k 1").hasPrefix("OK "))
      #expect(reactor.cache.events.lastNumber == last)
      try writer.send("WATCH s SINCE \(last)\n")
      #expect(try writer.receive(lines: 2).contains(#""event":"missed""#))
    }
  }

  @Test("going down, they are let go at once")
  func drain() throws {
    try ReactorUnderTest.with { reactor in
      let (watcher, _) = try reactor.connect()
      _ = try number(watcher.ask("WATCH *"))
      reactor.mailbox.post { $0.isDraining = true }
      #expect(try watcher.receiveAll() == "")
    }
  }
}
