import Glibc
import Testing

@Suite("There is a bound to connections, and beyond it a clear answer")
struct ConnectionLimitTests {
  /// Opens so many connections that are all served.
  private func open(_ count: Int, to daemon: DaemonProcess) throws -> [RawConnection] {
    var connections: [RawConnection] = []
    // The readiness probe's connection may still be counted for a moment.
    try eventually("\(count) connections are served") {
      while connections.count < count {
        let connection = try daemon.connect()
        guard try connection.readsPong() else { return false }
        connections.append(connection)
      }
      return true
    }
    return connections
  }

  /// Whether a new connection is told `ERR limit` and closed.
  private func isRefused(_ daemon: DaemonProcess) throws -> Bool {
    let connection = try daemon.connect()
    guard try connection.readLine()?.errorCode == "limit" else { return false }
    return try connection.isClosed()
  }

  @Test(
    "one too many is answered ERR limit and closed; the others go on, and a place that is given up is free again",
    arguments: [
      ["--max-connections", "10", "--max-connections-per-user", "10"],
      ["--max-connections", "100", "--max-connections-per-user", "10"],
    ])
  func tooMany(arguments: [String]) throws {
    try withDaemon(DaemonOptions(arguments: arguments)) { daemon in
      var connections = try open(10, to: daemon)
      for _ in 0..<5 {
        #expect(try isRefused(daemon))
      }
      for connection in connections {
        #expect(try connection.request("PING") == #"OK "pong""#)
      }
      let statistics = try connections[0].request("STATS")
      #expect(try statistics.number("current") == 10)
      #expect(try statistics.number("refused") >= 5)
      connections.removeLast()
      connections += try open(1, to: daemon)
      #expect(try isRefused(daemon))
    }
  }

  @Test("a small --max-connections alone leaves room for its user")
  func smallLimit() throws {
    try withDaemon("--max-connections", "4") { daemon in
      let connections = try open(1, to: daemon)
      #expect(try connections[0].request("PING") == #"OK "pong""#)
    }
  }

  @Test("with --max-connections 2 one user may have both, and no third")
  func twoConnections() throws {
    try withDaemon("--max-connections", "2") { daemon in
      let connections = try open(2, to: daemon)
      #expect(try isRefused(daemon))
      for connection in connections { #expect(try connection.request("PING") == #"OK "pong""#) }
    }
  }

  // Needs root, to be two users, and socat and setpriv, to connect as the other one.
  @Test("a user at his bound does not keep others out", .enabled(if: Credentials.canConnectAsStranger))
  func perUser() throws {
    let options = ["--max-connections", "100", "--max-connections-per-user", "8", "--socket-mode", "0666"]
    try withDaemon(DaemonOptions(arguments: options)) { daemon in
      try check(chmod(daemon.directory.path, 0o711), "chmod")
      let connections = try open(8, to: daemon)
      #expect(try isRefused(daemon))
      let other = try Credentials.askAsStranger(["PING"], socket: daemon.socketPath)
      #expect(other.standardOutput == "OK \"pong\"\n")
      #expect(try connections[0].request("PING") == #"OK "pong""#)
    }
  }

  @Test("with few descriptors it takes as many connections as they allow, and says so once")
  func fewDescriptors() throws {
    try withDaemon(DaemonOptions(prelude: "ulimit -n 128")) { daemon in
      let warnings = daemon.standardError.split(separator: "\n").filter { $0.contains("descriptor") }
      #expect(warnings.count == 1)
      var served: [RawConnection] = []
      try eventually("connections are refused") {
        let connection = try daemon.connect()
        let isServed = try connection.readsPong()
        if isServed { served.append(connection) }
        return !isServed
      }
      #expect(!served.isEmpty && served.count < 128)
      for connection in served {
        #expect(try connection.request("PING") == #"OK "pong""#)
      }
      #expect(daemon.standardError.split(separator: "\n").count { $0.contains("descriptor") } == 1)
    }
  }

  // Needs prlimit(1), which takes descriptors away from a daemon that counted on them.
  @Test(
    "out of descriptors it serves those it has, says so once, does not spin, and recovers",
    .enabled(if: Programs.has("prlimit")))
  func outOfDescriptors() throws {
    try withDaemon { daemon in
      func allow(_ count: Int) throws {
        let result = try run("prlimit", ["--pid", "\(daemon.pid)", "--nofile=\(count):"])
        guard result.status == .exited(0) else { throw Failure(result.standardError) }
      }
      let first = try daemon.connect()
      try daemon.waitUntilAlone(first)
      let logged = daemon.standardError.count
      try allow((daemon.facts.descriptors.max() ?? 0) + 4)
      var others: [RawConnection] = []
      for _ in 0..<30 {
        let connection = try daemon.connect()
        try connection.send("PING\n")
        others.append(connection)
      }
      try eventually("it says so") { daemon.standardError.dropFirst(logged).contains("open files") }

      let before = try daemon.facts.processorTicks
      for _ in 0..<100 {
        #expect(try first.request("PING") == #"OK "pong""#)
        pause(milliseconds: 10)
      }
      // A listener that is ready and never accepted from would keep a processor busy all the while.
      #expect(try daemon.facts.processorTicks - before < 50)
      let lines = daemon.standardError.dropFirst(logged).split(separator: "\n")
      #expect(lines.count { $0.contains("open files") } == 1, "\(lines)")

      // Those that wait are served as places become free, and the rest when there are descriptors again.
      for connection in others.prefix(10) {
        #expect(try connection.reply() == #"OK "pong""#)
        connection.close()
      }
      try allow(1024)
      for connection in others.dropFirst(10) {
        #expect(try connection.reply() == #"OK "pong""#)
      }
      #expect(try daemon.ask("PING") == #"OK "pong""#)
    }
  }

  @Test("connections that were closed before they were accepted are worked off, and new ones served")
  func floodOfTheBacklog() throws {
    try withDaemon { daemon in
      try daemon.signal(SIGSTOP)
      var queued = 0
      let address = try UnixAddress(path: daemon.socketPath)
      while queued < 100_000 {
        let descriptor = try Sockets.stream()
        defer { close(descriptor) }
        try check(fcntl(descriptor, F_SETFL, O_NONBLOCK), "fcntl")
        let code = address.withSocketAddress { connect(descriptor, $0, $1) }
        if code != 0 {
          #expect(errno == EAGAIN)
          break
        }
        queued += 1
      }
      #expect(queued > 0)
      try daemon.signal(SIGCONT)
      let connection = try daemon.connect()
      #expect(try connection.request("PING") == #"OK "pong""#)
      try eventually("all of them are worked off") {
        let statistics = try connection.request("STATS")
        return try statistics.number("current") == 1 && statistics.number("accepted") >= Double(queued)
      }
    }
  }
}
