import Glibc
import Logging
import SystemCalls
import Testing

@testable import SessionServer

extension ProcessWide {
  @Suite("The supervisor")
  struct SupervisorTests {
    @Test("deals clients out to the reactors in turn")
    func dealing() throws {
      try SupervisorUnderTest.with { supervisor in
        let clients = [try supervisor.connect(), try supervisor.connect()]
        try eventually("both are accepted") { supervisor.ledger.totals.accepted == 2 }
        try eventually("each reactor gets one") {
          supervisor.mailboxes.indices.allSatisfy { supervisor.takeArrivals(of: $0) == 1 }
        }
        withExtendedLifetime(clients) {}
      }
    }

    @Test(
      "out of descriptors or memory, or not allowed to accept, waits between two tries, says so once, and recovers",
      arguments: [EMFILE, ENFILE, ENOMEM, ENOBUFS, EPERM, EPROTO])
    func exhaustion(code: Int32) throws {
      let failure = try SupervisorUnderTest.with(faults: [code, code, code]) { supervisor in
        let client = try supervisor.connect()
        try eventually("the client is accepted") { supervisor.ledger.totals.accepted == 1 }
        try eventually("it has noticed") { !supervisor.log.messages(.notice).isEmpty }
        withExtendedLifetime(client) {}
        // Three that fail, one that does not, one that finds nobody else.
        let moments = supervisor.acceptMoments
        #expect(moments.count == 5)
        // A timer may be late, but never early: so much of the time it does not spin.
        for (earlier, later) in zip(moments, moments.dropFirst()).prefix(3) {
          #expect(later - earlier >= 100_000_000)
        }
        #expect(supervisor.log.messages(.error).count == 1)
        #expect(supervisor.log.messages(.error).first?.contains(String(cString: strerror(code))) == true)
        #expect(supervisor.log.messages(.notice) == ["new clients are accepted again"])
      }
      #expect(failure == nil)
    }

    @Test("goes on at once past a client that vanished, and past an interruption")
    func vanished() throws {
      let faults = [ECONNABORTED, EINTR, ECONNABORTED, EAGAIN]
      let failure = try SupervisorUnderTest.with(faults: faults) { supervisor in
        let client = try supervisor.connect()
        try eventually("the client is accepted") { supervisor.ledger.totals.accepted == 1 }
        withExtendedLifetime(client) {}
        #expect(supervisor.log.messages(from: .debug).isEmpty)
      }
      #expect(failure == nil)
    }

    @Test("ends if its listening socket is no good", arguments: [EBADF, EINVAL, ENOTSOCK])
    func badListener(code: Int32) throws {
      let failure = try SupervisorUnderTest.with(faults: [code]) { supervisor in
        withExtendedLifetime(try supervisor.connect()) {}
        try eventually("it tried") { supervisor.acceptMoments.count == 1 }
      }
      #expect(failure == SystemCallError("accept4", code))
    }

    @Test("turns one client too many away with the reason, and says so once a minute")
    func refusals() throws {
      try SupervisorUnderTest.with { supervisor in
        let uid = getuid()
        let first = [try supervisor.connect(), try supervisor.connect()]
        try eventually("both are accepted") { supervisor.ledger.totals.accepted == 2 }
        let reason = "ERR limit all 2 connections of user \(uid) are in use\n"
        for _ in 0..<3 { #expect(try supervisor.connect().receiveAll() == reason) }
        supervisor.ledger.setLimits(most: 2, mostPerUser: 2)
        #expect(try supervisor.connect().receiveAll() == "ERR limit all 2 connections are in use\n")
        #expect(supervisor.log.messages(.warning).count == 1)
        supervisor.clock.advance(seconds: 60)
        _ = try supervisor.connect().receiveAll()
        #expect(supervisor.log.messages(.warning).count == 2)
        #expect(supervisor.log.messages(.warning).last?.hasSuffix("(and 3 times before)") == true)
        supervisor.ledger.leave(uid)
        let next = try supervisor.connect()
        try eventually("there is room again") { supervisor.ledger.totals.accepted == 3 }
        withExtendedLifetime((first, next)) {}
        for index in supervisor.mailboxes.indices { _ = supervisor.takeArrivals(of: index) }
      }
    }

    @Test("reloads on SIGHUP and goes on")
    func reload() throws {
      try SupervisorUnderTest.with { supervisor in
        for times in 1...3 {
          supervisor.raiseInThread(SIGHUP)
          try eventually("it reloads") { supervisor.timesReloaded == times }
          for index in supervisor.mailboxes.indices { _ = supervisor.takeArrivals(of: index) }
          if supervisor.ledger.totals.current > 0 { supervisor.ledger.leave(getuid()) }
        }
      }
    }
  }
}
