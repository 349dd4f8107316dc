import Glibc
import Testing

@Suite("The service manager is told the truth, and nothing breaks without one")
struct NotificationTests {
  /// Runs a test with a daemon whose notifications go to the socket.
  private func withNotifiedDaemon(
    environment: [String: String] = [:], configuration: String = "", arguments: [String] = [],
    wrapper: [String] = [], _ body: (DaemonProcess, NotifySocket) throws -> Void
  ) throws {
    try TemporaryDirectory.with { directory in
      let path = directory.file("notify.sock")
      let socket = try NotifySocket(UnixAddress(path: path))
      var options = DaemonOptions(arguments: arguments, configuration: configuration, wrapper: wrapper)
      options.environment = environment.merging(["NOTIFY_SOCKET": path]) { $1 }
      let daemon = try DaemonProcess(launching: directory, options)
      defer { daemon.kill() }
      try body(daemon, socket)
    }
  }

  @Test("READY=1 comes when it answers, not before; STATUS with it")
  func ready() throws {
    try withNotifiedDaemon { daemon, socket in
      try socket.waitFor("READY=1")
      #expect(try daemon.ask("PING") == #"OK "pong""#)
      try socket.waitFor("STATUS=")
      #expect(socket.assignments.count { $0 == "READY=1" } == 1)
    }
  }

  // strace stretches the time between listen and serving: each thread of the daemon starts half a second late.
  @Test(
    "READY=1 does not come while it listens and has not started all the threads that serve",
    .enabled(if: Tracing.isPossible, "needs strace(1), and a system that lets it trace"))
  func slowStart() throws {
    let slow = ["-qqq", "-o", "/dev/null", "-e", "inject=?clone,?clone3:delay_enter=500000"]
    try withNotifiedDaemon(arguments: ["--threads", "1"], wrapper: Tracing.command + slow) { daemon, socket in
      var early: RawConnection?
      try eventually("it listens") {
        early = try? daemon.connect()
        return early != nil
      }
      let connection = try #require(early)
      try connection.send("PING\n")
      var looks = 0
      try eventually("the last of its threads has started") {
        // In this order: what is not there now was not there when the message came.
        socket.receiveAll()
        guard !daemon.facts.threadNames.contains("reclaimer") else { return true }
        #expect(!socket.assignments.contains("READY=1"))
        looks += 1
        return false
      }
      #expect(looks > 0)
      try socket.waitFor("READY=1")
      #expect(try connection.reply() == #"OK "pong""#)
      #expect(socket.assignments.count { $0 == "READY=1" } == 1)
    }
  }

  @Test("STOPPING=1 comes on SIGTERM, after which it ends")
  func stopping() throws {
    try withNotifiedDaemon { daemon, socket in
      try socket.waitFor("READY=1")
      try daemon.signal(SIGTERM)
      try socket.waitFor("STOPPING=1")
      #expect(try daemon.waitForExit() == .exited(0))
    }
  }

  @Test("SIGHUP is answered RELOADING=1 with the time, and READY=1 when it is done")
  func reloading() throws {
    try withNotifiedDaemon { daemon, socket in
      try socket.waitFor("READY=1")
      let before = socket.assignments.count
      try daemon.signal(SIGHUP)
      try socket.waitFor("RELOADING=1", after: before)
      let time = try socket.waitFor("MONOTONIC_USEC=", after: before)
      try socket.waitFor("READY=1", after: before)
      let microseconds = Int64(time.dropFirst("MONOTONIC_USEC=".count))
      #expect(microseconds.map { $0 > 0 } == true)
      let together = socket.messages.first { $0.contains("RELOADING=1") }
      #expect(together?.contains("MONOTONIC_USEC=") == true)
      let order = socket.assignments.dropFirst(before).filter { $0 == "RELOADING=1" || $0 == "READY=1" }
      #expect(Array(order) == ["RELOADING=1", "READY=1"])
    }
  }

  @Test("a bad configuration on SIGHUP: READY=1 again, the old values stay, the error is in STATUS")
  func badReload() throws {
    try withNotifiedDaemon(configuration: "ttl=100s\n") { daemon, socket in
      try socket.waitFor("READY=1")
      let before = socket.assignments.count
      try Files.write("ttl=never\n", to: daemon.configurationPath)
      try daemon.signal(SIGHUP)
      try socket.waitFor("RELOADING=1", after: before)
      try socket.waitFor("READY=1", after: before)
      try eventually("STATUS names the setting") {
        socket.receiveAll()
        return socket.assignments.dropFirst(before).contains { $0.hasPrefix("STATUS=") && $0.contains("ttl") }
      }
      _ = try daemon.ask("SET s1 a 1").version
      #expect(try daemon.ask("INFO s1").number("idle") == 100)
    }
  }

  @Test(
    "a configuration with very much wrong in it is told in a message that systemd takes, of 4,096 bytes at most"
  )
  func veryBadReload() throws {
    try withNotifiedDaemon(configuration: "ttl=100s\n") { daemon, socket in
      try socket.waitFor("READY=1")
      let before = socket.assignments.count
      try Files.write(String(repeating: "no-such-setting=ä\n", count: 2000), to: daemon.configurationPath)
      try daemon.signal(SIGHUP)
      try socket.waitFor("RELOADING=1", after: before)
      try socket.waitFor("READY=1", after: before)
      #expect(socket.messages.allSatisfy { $0.utf8.count <= 4096 })
      let status = try #require(socket.assignments.last { $0.hasPrefix("STATUS=") })
      #expect(status.contains("not reloaded") && status.contains("line 1: "), "\(status)")
    }
  }

  @Test("the watchdog is fed while it works, and not where nobody asked")
  func watchdog() throws {
    try withNotifiedDaemon(environment: ["WATCHDOG_USEC": "200000"]) { _, socket in
      try socket.waitFor("READY=1")
      try eventually("five pings") {
        socket.receiveAll()
        return socket.assignments.count { $0 == "WATCHDOG=1" } >= 5
      }
    }
    try withNotifiedDaemon(environment: ["WATCHDOG_USEC": "200000", "WATCHDOG_PID": "1"]) { daemon, socket in
      try socket.waitFor("READY=1")
      try daemon.signal(SIGTERM)
      try socket.waitFor("STOPPING=1")
      #expect(!socket.assignments.contains("WATCHDOG=1"))
    }
  }

  @Test("a daemon that is stopped in its tracks feeds no watchdog")
  func stoppedWatchdog() throws {
    try withNotifiedDaemon(environment: ["WATCHDOG_USEC": "200000"]) { daemon, socket in
      try socket.waitFor("WATCHDOG=1")
      try daemon.signal(SIGSTOP)
      pause(milliseconds: 50)
      socket.receiveAll()
      let before = socket.assignments.count { $0 == "WATCHDOG=1" }
      pause(milliseconds: 500)
      socket.receiveAll()
      #expect(socket.assignments.count { $0 == "WATCHDOG=1" } == before)
      try daemon.signal(SIGCONT)
      try eventually("it is fed again") {
        socket.receiveAll()
        return socket.assignments.count { $0 == "WATCHDOG=1" } > before
      }
    }
  }

  @Test(
    "a thread that is stuck is no reason to feed the watchdog",
    arguments: ["reactor:300ms", "reclaimer:300ms"])
  func stuckThread(stall: String) throws {
    let environment = ["WATCHDOG_USEC": "200000", "SESSIOND_TEST_STALL": stall]
    try withNotifiedDaemon(environment: environment) { daemon, socket in
      try socket.waitFor("READY=1")
      try eventually("the pings end") {
        socket.receiveAll()
        let before = socket.assignments.count { $0 == "WATCHDOG=1" }
        pause(milliseconds: 1000)
        socket.receiveAll()
        return socket.assignments.count { $0 == "WATCHDOG=1" } == before
      }
      // The process itself lives on: only the service manager can tell that it is of no use.
      try daemon.signal(0)
    }
  }

  @Test("a notification socket in the abstract namespace is as good")
  func abstract() throws {
    let name = "sessiond-test-\(getpid())-notify"
    let socket = try NotifySocket(UnixAddress(abstract: name))
    try withDaemon(DaemonOptions(environment: ["NOTIFY_SOCKET": "@\(name)"])) { daemon in
      try socket.waitFor("READY=1")
      #expect(try daemon.ask("PING") == #"OK "pong""#)
    }
  }

  @Test(
    "a notification socket that is gone, or no address, does not stop it",
    arguments: ["/nowhere/notify.sock", "/dev/null", "", "relative", "@nobody-is-there"])
  func refusing(address: String) throws {
    try withDaemon(DaemonOptions(environment: ["NOTIFY_SOCKET": address])) { daemon in
      #expect(try daemon.ask("PING") == #"OK "pong""#)
      try daemon.signal(SIGHUP)
      try daemon.signal(SIGTERM)
      #expect(try daemon.waitForExit() == .exited(0))
    }
  }

  @Test("a notification socket that nobody reads from does not hold it up")
  func fullNotifySocket() throws {
    try TemporaryDirectory.with { directory in
      let path = directory.file("notify.sock")
      let deaf = try NotifySocket(UnixAddress(path: path))
      let options = DaemonOptions(environment: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "10000"])
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      // Two hundred pings a second fill the queue of a datagram socket (net.unix.max_dgram_qlen) in a moment. Clients are
      // accepted by the very thread that notifies.
      for _ in 0..<100 {
        #expect(try daemon.ask("PING") == #"OK "pong""#)
        pause(milliseconds: 10)
      }
      deaf.receiveAll()
      #expect(deaf.assignments.contains("READY=1"))
    }
  }

  @Test(
    "a service manager that goes while it runs, socket and all, does not hold it up either, and may come back"
  )
  func managerThatRestarts() throws {
    try TemporaryDirectory.with { directory in
      let path = directory.file("notify.sock")
      var manager: NotifySocket? = try NotifySocket(UnixAddress(path: path))
      let options = DaemonOptions(environment: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "100000"])
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      try manager?.waitFor("WATCHDOG=1")
      // First nobody listens there any more, then there is nothing.
      manager = nil
      #expect(try daemon.ask("PING") == #"OK "pong""#)
      try daemon.signal(SIGHUP)
      try check(unlink(path), "unlink")
      try daemon.signal(SIGHUP)
      #expect(try daemon.ask("PING") == #"OK "pong""#)
      let successor = try NotifySocket(UnixAddress(path: path))
      try successor.waitFor("WATCHDOG=1")
      try daemon.signal(SIGTERM)
      try successor.waitFor("STOPPING=1")
      #expect(try daemon.waitForExit() == .exited(0))
    }
  }
}
