import Glibc
import Logging
import Synchronization
import Testing

@testable import SessionServer

@Suite("The reactor")
struct ReactorTests {
  @Test("answers requests of several clients, each in order")
  func serves() throws {
    try ReactorUnderTest.with { reactor in
      let (first, _) = try reactor.connect()
      let (second, _) = try reactor.connect()
      try first.send("INCR s n\nINCR s n\n")
      #expect(try first.receive(lines: 2) == "OK 1\nOK 2\n")
      #expect(try second.ask("GET s n") == "OK 2")
    }
  }

  @Test("receives again when a signal interrupted it, and when nothing was there after all")
  func interruptedReceive() throws {
    try ReactorUnderTest.with { reactor in
      let (client, socket) = try reactor.connect()
      reactor.sockets.failReceiving(
        on: socket, [.error(EINTR), .error(EINTR), .error(EAGAIN), .atMost(1), .atMost(2)])
      #expect(try client.ask("PING") == "OK \"pong\"")
      #expect(reactor.sockets.faultsLeft(on: socket) == 0)
    }
  }

  @Test("drops a client whose socket is reset, and no other", arguments: [ECONNRESET, ENOTCONN, EIO])
  func brokenReceive(code: Int32) throws {
    try ReactorUnderTest.with { reactor in
      let (broken, socket) = try reactor.connect()
      let (other, _) = try reactor.connect()
      reactor.sockets.failReceiving(on: socket, [.error(code)])
      try broken.send("SET s k 1\n")
      #expect(try broken.receiveAll() == "")
      #expect(try other.ask("GET s k") == "NIL")
      #expect(reactor.connectionCount == 1)
      #expect(reactor.log.messages(from: .info).isEmpty)
    }
  }

  @Test("drops a client that is gone when its reply is sent, and no other", arguments: [EPIPE, ECONNRESET])
  func brokenSend(code: Int32) throws {
    try ReactorUnderTest.with { reactor in
      let (broken, socket) = try reactor.connect()
      let (other, _) = try reactor.connect()
      reactor.sockets.failSending(on: socket, [.error(code)])
      try broken.send("SET s k 1\nPING\n")
      #expect(try broken.receiveAll() == "")
      // What was executed stays so.
      #expect(try other.ask("GET s k") == "OK 1")
      #expect(reactor.connectionCount == 1)
      #expect(reactor.log.messages(from: .info).isEmpty)
    }
  }

  @Test("sends a reply whole and in order when it goes a byte at a time, or not at once")
  func partialSends() throws {
    try ReactorUnderTest.with { reactor in
      let (client, socket) = try reactor.connect()
      let (other, _) = try reactor.connect()
      let ones = [FaultySockets.Fault](repeating: .atMost(1), count: 20)
      for faults in [ones, [.error(EAGAIN)], [.atMost(3), .error(EAGAIN), .error(EINTR), .atMost(1)] + ones] {
        reactor.sockets.failSending(on: socket, faults)
        let requests = (0..<50).map { "SET s k \"value \($0)\"\nGET s k\nDEL s\n" }.joined()
        try client.send(requests)
        let lines = try client.receive(lines: 150).split(separator: "\n")
        for number in 0..<50 {
          #expect(lines[number * 3 + 1] == "OK \"value \(number)\"")
          #expect(lines[number * 3 + 2] == "OK 1")
        }
        #expect(reactor.sockets.faultsLeft(on: socket) == 0)
        #expect(try other.ask("PING") == "OK \"pong\"")
      }
    }
  }

  @Test("does not read on from a client that takes no replies")
  func backpressure() throws {
    try ReactorUnderTest.with { reactor in
      let (client, _) = try reactor.connect()
      let (other, _) = try reactor.connect()
      let value = "\"" + String(repeating: "x", count: 50_000) + "\""
      #expect(try client.ask("SET s k \(value)").hasPrefix("OK "))
      try client.send(String(repeating: "GET s k\n", count: 200) + "INCR s last\n")
      try reactor.settle()
      #expect(try other.ask("GET s last") == "NIL")
      let replies = try client.receive(lines: 201).split(separator: "\n")
      #expect(replies.dropLast().allSatisfy { $0 == "OK \(value)" })
      #expect(replies.last == "OK 1")
    }
  }

  @Test("drops the connection that goes past what may be held for its user, and not another user's")
  func heldBytes() throws {
    try ReactorUnderTest.with { reactor in
      let (other, _) = try reactor.connect(uid: 1)
      let value = "\"" + String(repeating: "x", count: 900_000) + "\""
      #expect(try other.ask("SET s k \(value)").hasPrefix("OK "))
      // Of each reply, the socket takes a part and the daemon holds the rest.
      let greedy = try (0..<5).map { _ in try reactor.connect(uid: 2).client }
      for client in greedy {
        try client.send("GET s k\n")
        try reactor.settle()
      }
      let dropped = Int(reactor.statistics.dropped.load(ordering: .relaxed))
      #expect((1..<5).contains(dropped))
      #expect(reactor.connectionCount == 6 - dropped)
      #expect(try other.ask("GET s k") == "OK \(value)")
      // Those that stay get all, and what was held for them is free again.
      let replies = try greedy.prefix(5 - dropped).map { try $0.receive(lines: 1) }
      #expect(replies.allSatisfy { $0 == "OK \(value)\n" })
      let (next, _) = try reactor.connect(uid: 2)
      #expect(try next.ask("GET s k") == "OK \(value)")
    }
  }

  @Test("answers a client that has closed its side, then closes")
  func halfClosed() throws {
    try ReactorUnderTest.with { reactor in
      let (client, _) = try reactor.connect()
      try client.send("INCR s n\nINCR s n\nINCR s n")
      try client.endSending()
      #expect(
        try client.receiveAll() == "OK 1\nOK 2\nERR syntax the last line has no end; it was not executed\n")
      try eventually("the connection is let go") { reactor.connectionCount == 0 }
    }
  }

  @Test("closes after QUIT, whatever stands behind it")
  func quit() throws {
    try ReactorUnderTest.with { reactor in
      let (client, _) = try reactor.connect()
      try client.send("INCR s n\nQUIT\nINCR s n\n")
      #expect(try client.receiveAll() == "OK 1\nOK\n")
      #expect(try reactor.connect().client.ask("GET s n") == "OK 1")
    }
  }

  @Test("closes a connection whose line is not finished in time, and no idle one")
  func slowLine() throws {
    try ReactorUnderTest.with(lineTimeout: 30) { reactor in
      let (slow, _) = try reactor.connect()
      let (idle, _) = try reactor.connect()
      #expect(try idle.ask("PING") == "OK \"pong\"")
      try slow.send("SET s k")
      try reactor.settle()
      reactor.clock.advance(seconds: 29)
      // Bytes that finish no line win no time.
      try slow.send(" \"half a val")
      try reactor.settle()
      #expect(reactor.connectionCount == 2)
      reactor.clock.advance(seconds: 1)
      try reactor.settle()
      #expect(try slow.receiveAll() == "")
      #expect(reactor.connectionCount == 1)
      #expect(reactor.statistics.dropped.load(ordering: .relaxed) == 1)
      #expect(try idle.ask("GET s k") == "NIL")
    }
  }

  @Test("takes over new limits while it runs")
  func newLimits() throws {
    try ReactorUnderTest.with { reactor in
      let (client, _) = try reactor.connect()
      #expect(try client.ask("GET s some-key") == "NIL")
      reactor.mailbox.post { $0.limits = ReactorLimits(lineBytesMost: 8, lineTimeout: 1_000_000_000) }
      try reactor.settle()
      #expect(try client.ask("GET s some-key").hasPrefix("ERR too-large "))
    }
  }

  @Test("going down, answers what it has read and closes every connection")
  func drain() throws {
    try ReactorUnderTest.with { reactor in
      let (idle, _) = try reactor.connect()
      let (busy, _) = try reactor.connect()
      #expect(try busy.ask("PING") == "OK \"pong\"")
      try busy.send("INCR s n\nINCR s n\nINCR")
      reactor.mailbox.post { $0.isDraining = true }
      #expect(try busy.receiveAll().hasPrefix("OK 1\nOK 2\n"))
      #expect(try idle.receiveAll() == "")
    }
  }

  @Test("going down, answers also a client that had not taken its replies yet")
  func drainWithReplies() throws {
    try ReactorUnderTest.with { reactor in
      let (client, _) = try reactor.connect()
      let value = "\"" + String(repeating: "x", count: 50_000) + "\""
      #expect(try client.ask("SET s k \(value)").hasPrefix("OK "))
      // All requests come with one read, and their replies are more than the socket holds.
      try client.send(String(repeating: "GET s k\n", count: 100))
      try reactor.settle()
      reactor.mailbox.post { $0.isDraining = true }
      let replies = try client.receiveAll().split(separator: "\n")
      #expect(replies.count == 100)
      #expect(replies.allSatisfy { $0 == "OK \(value)" || $0.hasPrefix("ERR stopping ") })
    }
  }

  @Test("gives changed roles to those who connect from then on, and leaves the others theirs")
  func changedRoles() throws {
    try ReactorUnderTest.with { reactor in
      let (early, _) = try reactor.connect(uid: 2000, groups: [7])
      #expect(try early.ask("LIST").hasPrefix("ERR denied "))
      reactor.mailbox.post {
        $0.roles = RoleRules(daemonUID: 1000, admins: .these(users: [], groups: [7]), readers: .everybody)
      }
      let (late, _) = try reactor.connect(uid: 2000, groups: [7])
      let (reader, _) = try reactor.connect(uid: 2001)
      #expect(try late.ask("LIST").hasPrefix("OK "))
      #expect(try reader.ask("SET s k 1") == "ERR denied SET wants the role app; yours is reader")
      #expect(try early.ask("SET s k 1").hasPrefix("OK "))
      #expect(try early.ask("LIST").hasPrefix("ERR denied "))
      #expect(reactor.log.messages(.notice).count == 2)
    }
  }
}
