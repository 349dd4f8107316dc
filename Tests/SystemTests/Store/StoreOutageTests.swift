import Glibc
import Testing

@Suite("A database that can't be written to for a while")
struct StoreOutageTests {
  private func options(at state: String, _ more: String...) -> DaemonOptions {
    DaemonOptions(
      arguments: [
        "--store", "sqlite:\(state)/sessions.db", "--max-memory", "8M", "--shards", "2", "--flush-every",
        "100ms",
      ] + more)
  }

  /// Twice in the time that the watchdog is given, a fifth of a second, it is told that all is well. So many times
  /// in 10 seconds, or in 2 unless there is time.
  private static let pings = Programs.runsLongTests ? 100 : 20

  @Test(
    "locked by another process for long, write-through answers unavailable, changes nothing, and serves all others",
    .enabled(if: Programs.has("sqlite3"), "needs sqlite3(1)"))
  func lockedThrough() throws {
    try TemporaryDirectory.with { directory in
      let state = directory.file("state")
      try check(mkdir(state, 0o700), "mkdir")
      let socket = try NotifySocket(UnixAddress(path: directory.file("notify.sock")))
      var options = options(at: state, "--durability", "through", "--store-timeout", "500ms")
      options.environment = ["NOTIFY_SOCKET": directory.file("notify.sock"), "WATCHDOG_USEC": "200000"]
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      _ = try daemon.ask("SET s1 a 1").version
      // A daemon waits for a service manager that reads nothing, and so it is read here wherever time goes by.
      let lock = try DatabaseLock("\(state)/sessions.db", in: directory) { socket.receiveAll() }
      socket.receiveAll()
      let writer = try daemon.connect()
      try writer.send("SET s1 a 2\n")
      // Sent later, answered first.
      let reader = try daemon.connect()
      for _ in 0..<50 { #expect(try reader.request("GET s1 a") == "OK 1") }
      #expect(try writer.reply().errorCode == "unavailable")
      socket.receiveAll()
      let before = socket.assignments.count
      try eventually("the watchdog is told that all is well", within: 60) {
        let replies = [try writer.request("SET s1 a 2"), try reader.request("GET s1 a")]
        guard replies[0].errorCode == "unavailable", replies[1] == "OK 1" else { throw Failure("\(replies)") }
        socket.receiveAll()
        return socket.assignments.dropFirst(before).count { $0 == "WATCHDOG=1" } >= Self.pings
      }
      lock.release()
      try eventually("it heals") {
        socket.receiveAll()
        return try daemon.ask("SET s1 a 3").errorCode == nil
      }
      try daemon.waitForStore()
      try checkTold(daemon, socket)
      daemon.killWithSegment()
      try daemon.restart()
      #expect(try daemon.ask("GET s1 a") == "OK 3")
    }
  }

  /// The log and STATUS= tell once that the store went, and once that it is back.
  private func checkTold(_ daemon: DaemonProcess, _ socket: NotifySocket? = nil) throws {
    #expect(daemon.storeOutages == 1 && daemon.warnings.count == 1, "\(daemon.warnings)")
    try eventually("the log says that it is back") { daemon.storeReturns == 1 }
    guard let socket else { return }
    func changes() -> [Bool] {
      socket.receiveAll()
      let states = socket.assignments.filter { $0.hasPrefix("STATUS=") }.map {
        $0.contains("the store is away")
      }
      return states.indices.filter { $0 == 0 || states[$0] != states[$0 - 1] }.map { states[$0] }
    }
    try eventually("STATUS= tells that it is back") { changes().last == false }
    #expect(changes() == [false, true, false])
  }

  @Test(
    "locked by another process, write-behind goes on, and saves what it has when the lock is gone",
    .enabled(if: Programs.has("sqlite3"), "needs sqlite3(1)"))
  func lockedBehind() throws {
    try TemporaryDirectory.with { directory in
      let state = directory.file("state")
      try check(mkdir(state, 0o700), "mkdir")
      let daemon = try DaemonProcess.start(
        in: directory, options(at: state, "--store-timeout", "300ms", "--store-queue", "100"))
      defer { daemon.kill() }
      let lock = try DatabaseLock("\(state)/sessions.db", in: directory)
      let connection = try daemon.connect()
      var stored = 0
      for session in 0..<300 {
        let reply = try connection.request("SET s\(session) a \(session)")
        guard reply.errorCode == nil else {
          #expect(reply.errorCode == "unavailable")
          break
        }
        stored += 1
      }
      // The queue has a bound, give or take what is counted late; past it nothing is taken that can't be kept.
      #expect((50...200).contains(stored), "\(stored)")
      #expect(try daemon.ask("GET s1 a") == "OK 1")
      lock.release()
      try daemon.waitUntilSaved()
      _ = try daemon.ask("SET more a 1").version
      try daemon.waitUntilSaved()
      try daemon.waitForStore()
      try checkTold(daemon)
      daemon.killWithSegment()
      try daemon.restart()
      for session in 0..<stored { #expect(try daemon.ask("GET s\(session) a") == "OK \(session)") }
    }
  }

  @Test(
    "full, writes are refused truthfully, reads go on, and it heals when there is room",
    .enabled(
      if: SmallFileSystem.isPossible,
      "needs root, unshare, nsenter and mount, to mount a small file system for the daemon alone"),
    arguments: ["through", "behind"])
  func full(durability: String) throws {
    try TemporaryDirectory.with { directory in
      let files = try SmallFileSystem(in: directory, mebibytes: 3)
      var options = options(
        at: directory.file("small"), "--durability", durability, "--store-queue", "50", "--store-timeout",
        "500ms")
      options.wrapper = files.wrapper
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      let connection = try daemon.connect()
      let value = "\"\(String(repeating: "v", count: 20_000))\""
      var stored = 0
      var refusals = 0
      for session in 0..<400 where refusals == 0 {
        let reply = try connection.request("SET s\(session) a \(value)")
        if reply.errorCode == nil { stored += 1 } else { refusals += 1 }
        #expect(reply.errorCode == nil || reply.errorCode == "unavailable", "\(reply)")
      }
      #expect(refusals == 1 && stored > 20, "\(stored)")
      for session in 0..<stored where session % 7 == 0 {
        #expect(try connection.request("GET s\(session) a") == "OK \(value)")
      }
      #expect(try connection.request("GET s\(stored)") == "NIL")
      for session in 0..<stored / 2 {
        let reply = try connection.request("DEL s\(session)")
        // A removal may want a page that is not there.
        if reply.errorCode == "unavailable" { break }
        #expect(reply == "OK 1")
      }
      try files.resize(mebibytes: 30)
      try eventually("it heals") { try connection.request("SET more a 1").errorCode == nil }
      try daemon.waitUntilSaved()
      try daemon.waitForStore()
      try checkTold(daemon)
      daemon.killWithSegment()
      try daemon.restart()
      for session in stored / 2..<stored { #expect(try daemon.ask("GET s\(session) a") == "OK \(value)") }
      #expect(try daemon.ask("GET more a") == "OK 1")
    }
  }

  @Test(
    "in a directory that can't be written to, the start says so in one line and fails; later it goes well",
    .enabled(if: Credentials.canChangeUser, "needs root, and setpriv"))
  func readOnly() throws {
    try TemporaryDirectory.with { directory in
      let state = directory.file("state")
      try check(mkdir(state, 0o500), "mkdir")
      for path in [directory.path, state] {
        try check(chown(path, Credentials.stranger, Credentials.stranger), "chown")
      }
      var options = options(at: state)
      options.wrapper = [Programs.tool("setpriv") ?? "setpriv"] + Credentials.asStranger([])
      let daemon = try DaemonProcess(launching: directory, options)
      defer { daemon.kill() }
      let status = try daemon.waitForExit()
      #expect(status == .exited(1) || status == .exited(78))
      #expect(daemon.warnings.count == 1, "\(daemon.warnings)")
      #expect(daemon.standardError.contains("sessions.db"))
      #expect(Files.status(daemon.socketPath) == nil)
      try check(chmod(state, 0o700), "chmod")
      try daemon.restart()
      _ = try daemon.ask("SET s1 a 1").version
    }
  }
}
