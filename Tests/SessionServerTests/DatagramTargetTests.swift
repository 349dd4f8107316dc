import Glibc
import SystemCalls
import Testing

@testable import SessionServer

@Suite("Datagrams to the journal and to the service manager")
struct DatagramTargetTests {
  @Test("arrive whole, in their order")
  func arrive() throws {
    try TemporaryDirectory.with { directory in
      let inbox = try NotifyInbox(path: directory.file("n"))
      let target = try #require(DatagramTarget(path: directory.file("n")))
      let wereTaken = [target.send(Array("one".utf8)), target.send(Array("two\nlines".utf8))]
      #expect(wereTaken == [true, true])
      let messages = try inbox.all()
      #expect(messages == ["one", "two\nlines"])
    }
  }

  @Test("nobody waits for a receiver that does not read, or waits no longer than he said")
  func full() throws {
    try TemporaryDirectory.with { directory in
      let inbox = try NotifyInbox(path: directory.file("n"))
      let target = try #require(DatagramTarget(path: directory.file("n")))
      // More than any queue has places (net.unix.max_dgram_qlen).
      var taken = 0
      for number in 0..<100_000 where taken == number {
        taken += target.send(Array("\(number)".utf8)) ? 1 : 0
      }
      #expect((1..<100_000).contains(taken))
      let waited = target.send([0], waiting: 20)
      #expect(!waited)
      let count = try inbox.all().count
      #expect(count == taken)
      let afterwards = target.send([0], waiting: 20)
      #expect(afterwards)
    }
  }

  @Test("somebody who waits sends as soon as there is room")
  func patience() throws {
    try TemporaryDirectory.with { directory in
      let inbox = try NotifyInbox(path: directory.file("n"))
      let target = try #require(DatagramTarget(path: directory.file("n")))
      var count = 0
      while count < 100_000, target.send([0]) { count += 1 }
      let wasTaken = Guarded(false)
      let thread = try ServiceThread(name: "sender") {
        let isTaken = target.send(Array("last".utf8), waiting: 20_000)
        wasTaken.withLock { $0 = isTaken }
      }
      usleep(20_000)
      var last: String?
      for _ in 0..<2_000 where last != "last" {
        last = try inbox.all().last ?? last
        usleep(2_000)
      }
      thread.join()
      #expect(last == "last")
      #expect(wasTaken.withLock { $0 })
    }
  }

  @Test("to a place where nobody is are lost, and to no place at all are not sent")
  func nobody() throws {
    try TemporaryDirectory.with { directory in
      for path in [directory.file("nothing"), "/dev/null", "@sessiond-test-nobody-\(getpid())"] {
        let target = try #require(DatagramTarget(path: path))
        #expect(!target.send([0]))
        #expect(!target.send([0], waiting: 10))
      }
      // Somebody was there, and has left his socket behind.
      do { _ = try NotifyInbox(path: directory.file("left")) }
      let left = try #require(DatagramTarget(path: directory.file("left")))
      #expect(!left.send([0], waiting: 10))
    }
    for path in ["", "/", "@", "relative", "vsock:2:1", "/" + String(repeating: "x", count: 107)] {
      #expect(DatagramTarget(path: path) == nil)
    }
  }
}
