import Testing

// Needs strace, which makes system calls of the running daemon fail, and a system that lets it trace.
@Suite("System calls that fail disturb nothing that they need not", .enabled(if: Tracing.isPossible))
struct InjectedErrorTests {
  private func withFaults(_ rules: [String], _ body: (DaemonProcess) throws -> Void) throws {
    let faults = rules.flatMap { ["-e", "inject=\($0)"] }
    try withDaemon(DaemonOptions(wrapper: Tracing.command + ["-qqq", "-o", "/dev/null"] + faults), body)
  }

  @Test(
    "accept fails a few times: who connected is served in the end",
    arguments: ["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS", "ECONNABORTED", "EINTR", "EAGAIN"])
  func accepting(error: String) throws {
    try withFaults(["accept4:error=\(error):when=1..7"]) { daemon in
      let connections = try (0..<20).map { _ in try daemon.connect() }
      for connection in connections { #expect(try connection.request("PING") == #"OK "pong""#) }
    }
  }

  @Test(
    "calls are interrupted, or would block after all: every reply comes, once and in order",
    arguments: ["EINTR", "EAGAIN"])
  func interrupted(error: String) throws {
    let rules = ["recvfrom", "sendto"].map { "\($0):error=\(error):when=2+3" }
    try withFaults(rules + ["epoll_wait:error=EINTR:when=2+5"]) { daemon in
      let path = daemon.socketPath
      try inThreads(3) { index in
        let connection = try RawConnection(path: path)
        for number in 1...300 {
          let reply = try connection.request("INCR s\(index) n")
          guard reply == "OK \(number)" else { throw Failure("\(reply) instead of OK \(number)") }
        }
        let requests = Array(String(repeating: "INCR s\(index) n\n", count: 2000).utf8)
        let replies = try connection.exchange(requests, replies: 2000)
        guard replies == (301...2300).map({ "OK \($0)" }) else { throw Failure("replies out of order") }
      }
    }
  }

  @Test(
    "a connection whose receive or send fails is closed; the others go on", arguments: ["recvfrom", "sendto"])
  func broken(call: String) throws {
    try withFaults(["\(call):error=ECONNRESET:when=20..25"]) { daemon in
      var closed = 0
      for index in 1...40 {
        let connection = try daemon.connect()
        do {
          _ = try connection.request("SET s\(index) a 1").version
          #expect(try connection.request("GET s\(index) a") == "OK 1")
        } catch {
          closed += 1
        }
      }
      // Six calls of each thread that serves, of which there are four at most.
      #expect((1...24).contains(closed))
      #expect(try daemon.ask("PING") == #"OK "pong""#)
    }
  }

  @Test(
    "the file system of the segment is full: writes get ERR full, reading and deleting go on, and it heals")
  func fileSystemFull() throws {
    try withFaults(["fallocate:error=ENOSPC:when=80..100"]) { daemon in
      let connection = try daemon.connect()
      let value = "\"\(String(repeating: "x", count: 50_000))\""
      var stored: [Int] = []
      var refused = 0
      for index in 0..<200 {
        let reply = try connection.request("SET s\(index) a \(value)")
        if reply.errorCode == "full" {
          refused += 1
        } else {
          _ = try reply.version
          stored.append(index)
        }
        if let first = stored.first { #expect(try connection.request("GET s\(first) a") == "OK \(value)") }
      }
      #expect(refused > 0)
      #expect(stored.contains(199))
      for index in stored { #expect(try connection.request("GET s\(index) a") == "OK \(value)") }
      #expect(try connection.request("STATS").number("full") == Double(refused))
      #expect(try connection.request("FLUSH") == "OK \(stored.count)")
    }
  }
}
